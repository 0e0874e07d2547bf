// What was sent on one path lately, by counter: when, how much, and for some a copy of the frame, so that a
// report of the other end tells delivery rate and delay, and what is missing can be sent again. Written where
// datagrams are sealed, read where reports are heeded. Invariant: remembers at least the last kFirst
// datagrams, and as many as are in flight up to kMost.
#pragma once

#include <cstdint>
#include <vector>

#include "base/time.hpp"
#include "base/units.hpp"
#include "outbound/buffer_pool.hpp"

namespace sennit::outbound {

struct SentDatagram {
  std::uint64_t counter = ~std::uint64_t{0};
  base::Instant sent_at;
  std::uint64_t bytes_through = 0;    // sent on the path up to this one, all headers included
  std::uint32_t payload_through = 0;  // the same of UDP payloads, modulo 2^32
  std::uint8_t sendings = 0;          // how often its frame was sent, this time included
  bool was_limited = false;           // more was waiting
  Buffer frame;                       // empty: not kept, or given up
};

class SentLog {
 public:
  static constexpr std::size_t kFirst = 256;
  static constexpr std::size_t kMost = 32'768;

  // Remembers a datagram. The reference is good until the next call.
  SentDatagram& add(std::uint64_t counter, base::Bytes payload, base::Bytes with_headers, base::Instant now,
                    BufferPool& pool);
  // The remembered datagram whose counter has these low bits; null where there is none.
  SentDatagram* find(std::uint32_t low_bits);
  // What was sent before `then` has been dealt with: its frames go back.
  void forget_frames(base::Instant then, BufferPool& pool);
  // How many from `first` to `last` were sent while more was waiting.
  std::uint32_t count_limited(std::uint64_t first, std::uint64_t last) const;
  // A new session: counters begin anew.
  void restart(BufferPool& pool);

  // All that was sent, headers included.
  std::uint64_t bytes() const { return bytes_; }
  // One above the newest counter.
  std::uint64_t end() const { return end_; }
  // The newest that was reported to have come, and those before it; zero before the first report.
  const SentDatagram& reported() const { return reported_; }
  bool has_report() const { return has_report_; }
  void note_reported(const SentDatagram& datagram);

 private:
  SentDatagram& slot(std::uint64_t counter) { return ring_[counter & (ring_.size() - 1)]; }
  const SentDatagram& slot(std::uint64_t counter) const { return ring_[counter & (ring_.size() - 1)]; }
  void grow();
  std::uint64_t oldest() const { return end_ > ring_.size() ? end_ - ring_.size() : 0; }

  std::vector<SentDatagram> ring_;
  std::uint64_t end_ = 0;
  std::uint64_t bytes_ = 0;
  std::uint32_t payload_ = 0;
  SentDatagram reported_;
  bool has_report_ = false;
  std::uint64_t with_frames_ = 0;  // nothing below has a frame
};

}  // namespace sennit::outbound
