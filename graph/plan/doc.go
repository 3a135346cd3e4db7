// Package plan decides what is requested of Microsoft Graph before anything is sent. It is pure: the same schema,
// document and variables always give the same steps. It sends nothing, knows no context, and can be tested and printed
// with no server.
//
// # One example
//
//	{ hostPort(id: "ODUuMjM5LjUzLjIyOCQkODA4MQ==") { port host { id firstSeenDateTime } } }
//
// Read reads the arguments. The Call of hostPort has one Key, in its canonical form. Its Selection is {port host {…}}.
// Project turns the selection into a Projection: the query $select=host,port and one Link, from the property host to a
// Host. The Planner makes a Step of both:
//
//	GET /security/threatIntelligence/hostPorts/ODUuMjM5LjUzLjIyOCQkODA4MQ==?$select=host,port
//	  host -> Host
//
// The id of a port contains its host, so the planner does not wait for the response. The link has a hint, and the step
// for the host is in the first Wave too:
//
//	GET /security/threatIntelligence/hosts/85.239.53.228?$select=id,firstSeenDateTime
//
// When the response of the port is in, the link is followed: its reference decides. If the host is the one that the
// hint named, nothing is left to request. Else the host of the reference is a step of the second wave.
//
// The resolvers go the same way back. Each asks for the Call of its field, projects its selection, and gets the same
// lookup that the planner made, which is under way. So what is planned and what is resolved cannot differ.
//
// # Glossary
//
//   - Field: a field of the schema as it is upstream, from its directives. All fields together are the catalog.
//   - Call: a field with its arguments, and what is selected of its value.
//   - Selection: what an operation selects of one value, with fragments and aliases merged.
//   - Projection: what is requested of one entity: the query, the links of its response, and the requests below it.
//   - Link: where a response leads: from a place in it to requests of their own.
//   - Page: the window and the options of a list.
//   - Scope: what a cursor is sealed to: the list, its owner and all arguments but the window.
//   - Cursor: a place in a list. The text that callers see is sealed by a Sealer.
//   - Lookup: one GET of one resource, as a value (msgraph.Lookup).
//   - Step: a lookup whose key is known, and its links (loaders.Step).
//   - Wave: the steps that are sent together, because nothing is awaited that leads to more of them.
//   - Response: what Microsoft Graph returned for a lookup.
package plan
