// Package servicetest starts the whole service on an emulator of its own, for tests, sends it queries, and checks what
// came back and what was sent to Microsoft Graph.
//
// A test reads like this:
//
//	func TestAPortThatFailsOnce(t *testing.T) {
//		t.Parallel()
//		s := servicetest.StartSmall(t, "PORTICO_HOST_HINTS=off") // settings, as in the environment
//		ids := s.PutPorts(t, 2)                                  // data that Microsoft Graph returns
//		s.FetchToken(t)                                          // so that token requests are not in the way
//		s.Emulator.Fail(emulator.Failure(503))                   // a fault, see emulator.Fault
//		a := s.Ask(t, servicetest.PortsQuery(ids...))            // a query; Send takes variables and headers, too
//		a.Want(t, servicetest.PortsData(ids))                    // the data, then each error as "path: CODE"
//		s.WantSent(t, "hostPorts/port-0", "hostPorts/port-1")    // the requests to Microsoft Graph
//		a.WantCost(t, 2, 2, 1)                                   // requests, items and waves that the response reports
//	}
//
// [Start] has the emulator's whole invented world, [StartSmall] only Microsoft's published examples. Both check at the
// end of the test that no response and no log line contains anything of Microsoft Graph's that callers must not see.
// [Launch] runs the program with its listener and its end, in the test's process.
//
// Each package of tests has a TestMain that calls [Main], which runs the tests in the root of the repository.
package servicetest
