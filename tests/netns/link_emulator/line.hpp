// An emulated access line between two interfaces: a Direction each way. Frames that come in at the near port
// go up and leave at the far one; down is the other way.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "link_emulator/direction.hpp"
#include "link_emulator/ethernet_port.hpp"

namespace link_emulator {

class Line {
 public:
  // Of NAME=NEAR,FAR.
  Line(std::string_view description, std::uint64_t seed);

  const std::string& name() const { return name_; }
  std::vector<int> fds() const { return {near_.fd(), far_.fd()}; }
  // Takes what came in and sends what is due; how many frames it had in hand.
  std::size_t work(base::Instant now);
  base::Instant next_wakeup() const { return std::min(up_.next_wakeup(), down_.next_wakeup()); }
  // `up WORDS`, `down WORDS`, `both WORDS` or `stats`; the answer begins with "ok" or "error".
  std::string obey(std::string_view command, base::Instant now);

 private:
  Line(const std::vector<std::string>& parts, std::uint64_t seed);
  std::size_t carry(EthernetPort& from, Direction& direction, EthernetPort& to, base::Instant now);

  std::string name_;
  EthernetPort near_;
  EthernetPort far_;
  Direction up_;
  Direction down_;
  std::vector<Frame> frames_;  // those in hand
};

}  // namespace link_emulator
