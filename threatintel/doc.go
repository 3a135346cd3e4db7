// Package threatintel is the vocabulary of Microsoft Defender Threat Intelligence: the entities of Microsoft Graph's
// /security/threatIntelligence as structs, and the requests that fetch them as values.
//
// It knows the entity types, their properties, their ids, and what Microsoft Graph sends in place of them. It sends
// nothing, and knows neither GraphQL nor how requests travel.
//
// A property that may be null is a pointer or a type whose zero value is null. The JSON tag is Microsoft Graph's name
// and the schema's, letter for letter. A navigation property has another Go name than its field in the schema, so that
// gqlgen asks a resolver for it.
//
// The file of a type has everything about it: the struct, a function for each request, and, in init, the registration
// of the form of its ids. Functions follow a rule for names, by which graph/generate finds them: HostTrackerByID for
// the type HostTracker, and TrackersOf or HostTrackersOf for the field Host.trackers.
package threatintel
