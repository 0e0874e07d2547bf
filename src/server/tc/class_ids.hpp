// Which numbers of classes are free on one side. A number given back is used again as late as possible, so
// that packets on their way with an old mark meet no new device.
// Invariant: a number is given to one holder at a time; 0 and the root's own number are never given.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>

#include "base/units.hpp"
#include "io/qdisc_tree.hpp"

namespace sennit::server::tc {

// The minor number of a class, and the major of the qdisc in it.
using ClassId = base::Identifier<struct TcClassTag, std::uint16_t>;

// The major number of what is ours.
inline constexpr std::uint16_t kRootMajor = io::kOurQdisc;

// The highest number of a class. The qdisc inside its leaf has a number, too, from above.
inline constexpr std::uint16_t kLastClass = 0x7ffe;
inline constexpr std::uint16_t kInnerQueues = 0x8000;

class ClassIds {
 public:
  // None when all are in use.
  std::optional<ClassId> acquire();
  void release(ClassId id) { released_.push_back(id); }

 private:
  std::uint16_t next_ = 1;  // all from here on have never been used
  std::deque<ClassId> released_;
};

}  // namespace sennit::server::tc
