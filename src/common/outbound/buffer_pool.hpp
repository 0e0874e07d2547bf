// Buffers for packets that stay: queued ones, and copies of sent ones. A buffer is moved from hand to hand
// and comes back here, so that nothing is allocated a packet once the pool has grown.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "base/packet.hpp"

namespace sennit::outbound {

using Buffer = std::vector<std::uint8_t>;

class BufferPool {
 public:
  static constexpr std::size_t kMaxSpare = 16'384;

  Buffer copy_of(base::ConstByteSpan bytes) {
    Buffer buffer;
    if (!spare_.empty()) {
      buffer = std::move(spare_.back());
      spare_.pop_back();
    }
    buffer.assign(bytes.begin(), bytes.end());
    return buffer;
  }
  void give_back(Buffer&& buffer) {
    if (buffer.capacity() > 0 && spare_.size() < kMaxSpare) spare_.push_back(std::move(buffer));
  }

 private:
  std::vector<Buffer> spare_;
};

}  // namespace sennit::outbound
