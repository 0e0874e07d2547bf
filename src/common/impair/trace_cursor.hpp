// A place in a trace: spends its opportunities on packets. What nobody uses is lost, and a packet may take
// several opportunities, or several packets one. Stands in the rate stage instead of bucket and wire.
#pragma once

#include <algorithm>
#include <memory>
#include <utility>

#include "base/time.hpp"
#include "base/units.hpp"
#include "impair/trace.hpp"

namespace sennit::impair {

class TraceCursor {
 public:
  // The trace begins at `start`.
  TraceCursor(std::shared_ptr<const Trace> trace, base::Instant start)
      : trace_(std::move(trace)), start_(start) {}

  // When the last byte of `size`, ready at `at`, has left.
  base::Instant send(base::Bytes size, base::Instant at) {
    if (now() < at) {
      index_ = trace_->first_from(at - start_);
      left_ = Trace::kOpportunityBytes;
    }
    for (auto rest = size.value; rest > 0;) {
      if (left_ == 0) {
        ++index_;
        left_ = Trace::kOpportunityBytes;
      }
      const auto used = std::min(rest, left_);
      rest -= used;
      left_ -= used;
    }
    return now();
  }

 private:
  base::Instant now() const { return start_ + trace_->at(index_); }

  std::shared_ptr<const Trace> trace_;
  base::Instant start_;
  std::uint64_t index_ = 0;
  std::uint64_t left_ = Trace::kOpportunityBytes;
};

}  // namespace sennit::impair
