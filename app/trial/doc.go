// Package trial tries the real program out as a shop uses it: the binary, a data
// folder, a browser or a window on a virtual display, and a customer at the pin
// pad page. It holds tests only and must not reach into the program: what a
// cashier cannot see or do is tested elsewhere.
package trial
