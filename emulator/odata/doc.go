// Package odata describes Microsoft Graph's threat-intelligence API in the terms of OData, and reads requests by that
// description. Everything in it is pure: it holds no data, no clock and no connection.
//
// The description, in the order in which it is built:
//
//   - a [Type] has members, as in Microsoft Graph's published metadata; [Metadata] writes them as a document;
//   - a [Set] is an entity set: the entities of one type that have keys, such as hostPorts;
//   - an [Endpoint] is a URL with the query options that its documentation page lists: one entity by its key, a list,
//     or a single entity below another;
//   - a [Model] holds all sets and endpoints, and finds the endpoint of a path ([Model.Route]).
//
// An [Entity] is the text of one entity, split into members. A [Query] is a parsed query string: it selects members
// ([Query.Append]) and keeps, sorts and counts items ([Query.Arrange]). What a page does not list is refused with an
// [Error] in the words of the OData library that Microsoft Graph is built with.
//
// For example, hosts/192.0.2.1/ports?$select=port&$top=2 leads to the endpoint ports of the set hosts, with the key
// 192.0.2.1. Its Query selects the member port of hostPort and asks for two items. With $orderby=port it is an Error:
// "Query option 'OrderBy' is not allowed", because the page of that list does not name $orderby.
//
// https://docs.oasis-open.org/odata/odata/v4.01/odata-v4.01-part2-url-conventions.html
package odata
