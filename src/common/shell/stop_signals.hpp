// What SIGINT and SIGTERM do while the program cleans up after the first of them.
// Called by Runtime when it is told to stop. An impatient second signal (or a supervisor that sends two) must
// not leave routes or rules behind; a clean-up that hangs must not be unkillable.
#pragma once

namespace sennit::shell {

// From now on both are ignored for 2 to 3 seconds, in which every ordinary clean-up ends; then one ends the
// program at once.
void shield_clean_up();

}  // namespace sennit::shell
