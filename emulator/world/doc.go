// Package world holds the data that the emulator serves: the published examples, a generated world, and what a test
// puts there. It contains no threat intelligence.
//
// A [World] answers two questions: which entity has this id ([World.Find]), and which entities are in this list
// ([World.Items], [World.Search]). It is built in layers:
//
//   - numbers decide what belongs to whom. Hosts and certificates are numbered, and which certificate a host presents
//     follows from their numbers;
//   - a store holds entities and lists, and makes nothing;
//   - a generator makes entities from numbers when they are first asked for, so a world of 10,000 hosts costs nothing
//     at the start. The random numbers of an entity follow from its own number, so a world is the same in every order;
//   - a publisher stores Microsoft's published examples, and invents what they refer to.
//
// The world is consistent: certificates lead back to the hosts that presented them, and pairs and passive DNS agree at
// both ends. Everything generated is on addresses and names that are reserved for documentation.
//
// For example, Find("hostPorts", "MTkyLjAuMi4xJCQ0NDM=") decodes the id to 192.0.2.1$$443, finds that 192.0.2.1 is host
// number 0, and lets the family of ports make all ports and components of that host. The port refers to certificate
// number 0, which is made when somebody asks for it.
package world
