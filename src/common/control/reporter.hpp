// The receiver's side of measuring a path: notes what arrives, and says when the sender is to be told and
// what (protocol.md section 5.4). One a path. Neither sends nor knows the sender's conclusions. Invariant:
// what arrived is reported within kSlowest; a gap that stays open for the path's usual disorder, at once.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>

#include "base/time.hpp"
#include "base/units.hpp"
#include "crypto/replay.hpp"
#include "wire/report.hpp"

namespace sennit::control {

class Reporter {
 public:
  static constexpr base::Duration kInterval = std::chrono::milliseconds(25);
  static constexpr base::Duration kSlowest = std::chrono::milliseconds(100);
  // Reports of gaps are not sent closer together.
  static constexpr base::Duration kGapSpacing = std::chrono::milliseconds(4);
  // How long the datagram before may be overtaken, at first.
  static constexpr base::Duration kFirstDisorder = std::chrono::milliseconds(1);
  static constexpr base::Duration kMostDisorder = std::chrono::milliseconds(16);

  // An authentic datagram with so many bytes of UDP payload.
  void note_arrival(std::uint64_t counter, base::Bytes payload, crypto::ReplayWindow::Verdict verdict,
                    base::Instant now);
  // It carried inner packets: the sender waits to hear of it. `reverse`: what the way back carries; zero: not
  // known.
  void note_inner(base::BitRate reverse, base::Instant now);
  // When a report is due; kNever when there is nothing to tell.
  base::Instant next_report() const { return next_report_; }
  // Half the time until then is over: a datagram that goes anyway may carry the report.
  bool goes_along(base::Instant now) const;
  wire::Report make(base::PathId path, const crypto::ReplayWindow& window, base::Instant now);
  // A new session: counters begin anew.
  void restart() { *this = {}; }

 private:
  struct Mark {
    std::uint64_t counter = 0;
    base::Instant at;
  };

  void note_mark(std::uint64_t counter, base::Instant now);
  void note_gap(base::Instant now);
  void add_marks(wire::Report& report) const;
  void add_missing(wire::Report& report, const crypto::ReplayWindow& window, base::Instant now) const;

  std::uint64_t highest_ = 0;
  base::Instant highest_at_;
  std::uint32_t received_bytes_ = 0;
  std::array<Mark, wire::Report::kMaxMarks> marks_{};
  std::size_t mark_count_ = 0;
  base::Instant next_report_ = base::kNever;
  base::Instant last_report_ = base::Instant::min();
  base::Duration disorder_ = kFirstDisorder;
  std::uint64_t gap_begin_ = 0;  // the newest gap
  std::uint64_t gap_end_ = 0;
  base::Instant gap_at_;            // when it was seen
  std::uint64_t reported_gap_ = 0;  // gaps below were reported
};

}  // namespace sennit::control
