// Package threatintel is the vocabulary of Microsoft Defender Threat Intelligence: the entities of Microsoft Graph's
// /security/threatIntelligence as structs, and the requests that fetch them as values.
//
// It knows the entity types, their properties, their ids, and what Microsoft Graph sends in place of them. It sends
// nothing, and knows neither GraphQL nor how requests travel.
//
// A property that may be null is a pointer or a type whose zero value is null. The JSON tag is Microsoft Graph's name
// and the schema's, letter for letter. A navigation property has another Go name than its field in the schema, so that
// gqlgen asks a resolver for it.
package threatintel
