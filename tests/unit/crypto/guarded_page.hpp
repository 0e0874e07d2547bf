// One page of memory between two that may not be touched: an access beyond it ends the test, also one made by
// assembly, which no sanitizer sees.
#pragma once

#include <sys/mman.h>
#include <unistd.h>

#include <cstdlib>

#include "base/packet.hpp"

namespace sennit::test {

class GuardedPage {
 public:
  enum class End { kFront, kBack };

  GuardedPage()
      : page_(static_cast<std::size_t>(::sysconf(_SC_PAGESIZE))),
        memory_(::mmap(nullptr, 3 * page_, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)) {
    if (memory_ == MAP_FAILED || ::mprotect(start(), page_, PROT_READ | PROT_WRITE) != 0) std::abort();
  }
  GuardedPage(const GuardedPage&) = delete;
  GuardedPage& operator=(const GuardedPage&) = delete;
  ~GuardedPage() { ::munmap(memory_, 3 * page_); }

  // `size` bytes right behind the forbidden page in front, or right before the one behind.
  base::ByteSpan at(End end, std::size_t size) const {
    return {end == End::kFront ? start() : start() + page_ - size, size};
  }

 private:
  std::uint8_t* start() const { return static_cast<std::uint8_t*>(memory_) + page_; }

  std::size_t page_;
  void* memory_;
};

}  // namespace sennit::test
