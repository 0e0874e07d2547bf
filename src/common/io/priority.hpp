// The endpoint's share of the CPU beside other processes (sched(7)). A tunnel carries what they send and wait
// for: where it is put off for each of them, all of them wait for it.
// Called by the shell before threads are started, which inherit the nice value, and before privileges are
// given up.
#pragma once

namespace sennit::io {

// Sets the calling thread's nice value to -10, and that of its autogroup where the process is alone in one.
// False: whoever started the process has chosen a value, or the kernel refuses (CAP_SYS_NICE).
bool raise_priority();

}  // namespace sennit::io
