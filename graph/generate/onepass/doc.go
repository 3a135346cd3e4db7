// Package onepass is a plugin of gqlgen. It generates the code that writes the response to an operation in one pass.
//
// # Why
//
// gqlgen's executor makes a value of every field first: a marshaller, a context and a closure each, and a goroutine for
// every item of a list and every field with a resolver. When all values are there, it writes them. Portico's planner
// has sent all requests before that, so there is nothing to gain from resolving fields at the same time, and the
// executor took most of the CPU of a response with a long list.
//
// # What is generated
//
// graph/generated/onepass.generated.go, from the same data as gqlgen's own code, has methods of generated.writer:
//
//   - one for each object type, such as HostPort. It collects the selected fields, and for each it appends the name and
//     the value to the buffer of the response. A switch on the field's name has a case for each field of the type.
//   - one for each interface and union, such as Host. It calls that of the value's type.
//   - one for each type of a field, such as [HostPort!]. It writes null, the items of a list, a scalar or an object.
//
// A field with a resolver calls the resolver that gqlgen would call, with a context that has gqlgen's FieldContext. A
// method of an object gets the arguments that gqlgen read. CollectFields is gqlgen's, and so are the functions that
// marshal scalars, errors and recovered panics. So @skip and @include, fragments, aliases, interfaces, connections and
// the fields of a federation need nothing of their own.
//
// # Rules
//
//   - Each method returns whether its value is valid. An object with a null where the schema allows none is not: the
//     buffer is cut back to where the object began, and the nearest place that allows null writes null instead. The
//     other fields are written all the same, since their errors belong to the response.
//   - All values at one depth share one FieldContext and one context, one after the other. A resolver must not use its
//     context after it has returned.
//   - A resolver gets zero values for the arguments of its field. It has them from the operation, where plan.Read read
//     them for the planner and the resolvers.
//   - A panic in a resolver, or in the marshaller of a scalar, costs its field.
//   - A nil slice is null where the schema allows null, and [] elsewhere, as gqlgen has it.
//
// # What stays with gqlgen
//
// Its executor runs operations with @defer and those that read the schema. It is also the oracle: tests hold both to
// the same bytes and the same errors.
//
// # Changing it
//
// plugin.go hands gqlgen's data to onepass.gotpl, and refuses what the template does not know.
// graph/generated/writer.go has the methods that the generated code calls, and graph/generated/onepass.go the schema
// that chooses between the two.
package onepass
