// When each of many peers wants to be called next: a heap with lazy deletion, so that a packet touches one
// entry only. Invariant: pop_due() returns every peer whose newest wish has come, each at most once.
#pragma once

#include <optional>
#include <queue>
#include <vector>

#include "base/time.hpp"
#include "base/units.hpp"

namespace sennit::tunnel {

class WakeupQueue {
 public:
  explicit WakeupQueue(std::size_t peers) : peers_(peers) {}

  // This peer wants to be called at `at`; replaces its earlier wish.
  void set(base::PeerId peer, base::Instant at);
  // A peer whose time has come, and whose wish is thereby used up.
  std::optional<base::PeerId> pop_due(base::Instant now);
  // The earliest time at which pop_due() may return something.
  base::Instant next() const { return heap_.empty() ? base::kNever : heap_.top().at; }

 private:
  struct Entry {
    base::Instant at;
    base::PeerId peer;
    bool operator>(const Entry& other) const { return at > other.at; }
  };

  struct Wish {
    base::Instant at = base::kNever;     // when the peer wants to be called
    base::Instant armed = base::kNever;  // the time of its live entry in the heap; others are stale
  };
  void arm(base::PeerId peer, base::Instant at);

  std::vector<Wish> peers_;
  std::priority_queue<Entry, std::vector<Entry>, std::greater<>> heap_;
};

}  // namespace sennit::tunnel
