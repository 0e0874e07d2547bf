// Gives up every privilege that a running endpoint does not need.
// Called by the shells once what needs more is open: listening sockets, the control socket and its group.
// Does not change the user: as uid 0 the endpoint still owns its state directory.
// Invariant: what is given up cannot be regained, not by executing a program either. Applies to the calling
// thread and to those it starts later, so call it before starting any.
#pragma once

namespace sennit::io {

// Keeps CAP_NET_ADMIN and CAP_NET_RAW, sets no_new_privs. Throws base::Error when CAP_NET_ADMIN is not there
// to keep.
void drop_privileges();

}  // namespace sennit::io
