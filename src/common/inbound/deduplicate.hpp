// Delivers the first copy of a packet that was sent on several paths, and tells later copies apart.
// Stands behind open; asked only for packets whose flags say that there are copies (protocol.md section 5.1).
// Invariant: of the copies of one packet at most one passes, and none that lies kWindow or more behind.
#pragma once

#include <bitset>
#include <cstdint>
#include <memory>
#include <unordered_map>

#include "base/units.hpp"

namespace sennit::inbound {

class Deduplicator {
 public:
  static constexpr std::uint32_t kWindow = 4096;
  static constexpr std::size_t kMaxBuckets = 1024;

  // Records the copy of a packet; true for the first one.
  bool accept(base::FlowBucket bucket, base::FlowSequence sequence);

 private:
  struct Window {
    std::uint32_t next = 0;  // one above the highest sequence seen
    std::bitset<kWindow> seen;
  };
  std::unordered_map<base::FlowBucket, std::unique_ptr<Window>> windows_;
};

}  // namespace sennit::inbound
