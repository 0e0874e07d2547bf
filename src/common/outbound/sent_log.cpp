#include "outbound/sent_log.hpp"

#include <algorithm>

namespace sennit::outbound {

SentDatagram& SentLog::add(std::uint64_t counter, base::Bytes payload, base::Bytes with_headers,
                           base::Instant now, BufferPool& pool) {
  const auto unreported = counter - (has_report_ ? reported_.counter : 0);
  if (ring_.empty() || (unreported >= ring_.size() && ring_.size() < kMost)) grow();
  bytes_ += with_headers.value;
  payload_ += static_cast<std::uint32_t>(payload.value);
  end_ = counter + 1;
  SentDatagram& sent = slot(counter);
  pool.give_back(std::move(sent.frame));
  sent.frame = {};
  sent.counter = counter;
  sent.sent_at = now;
  sent.bytes_through = bytes_;
  sent.payload_through = payload_;
  sent.sendings = 1;
  sent.was_limited = false;
  return sent;
}

void SentLog::grow() {
  std::vector<SentDatagram> larger(ring_.empty() ? kFirst : 2 * ring_.size());
  std::swap(larger, ring_);
  for (auto& sent : larger)
    if (sent.counter != SentDatagram{}.counter) slot(sent.counter) = std::move(sent);
}

SentDatagram* SentLog::find(std::uint32_t low_bits) {
  if (ring_.empty() || end_ == 0) return nullptr;
  const auto behind = static_cast<std::uint32_t>(end_ - 1) - low_bits;
  if (behind >= ring_.size() || behind >= end_) return nullptr;
  SentDatagram& sent = slot(end_ - 1 - behind);
  return sent.counter == end_ - 1 - behind ? &sent : nullptr;
}

void SentLog::forget_frames(base::Instant then, BufferPool& pool) {
  with_frames_ = std::max(with_frames_, oldest());
  for (; with_frames_ < end_; ++with_frames_) {
    SentDatagram& sent = slot(with_frames_);
    if (sent.counter != with_frames_) continue;
    if (sent.sent_at >= then) return;
    pool.give_back(std::move(sent.frame));
    sent.frame = {};
  }
}

std::uint32_t SentLog::count_limited(std::uint64_t first, std::uint64_t last) const {
  std::uint32_t count = 0;
  for (auto counter = std::max(first, oldest()); counter <= last && counter < end_; ++counter)
    count += slot(counter).was_limited ? 1U : 0U;
  return count;
}

void SentLog::restart(BufferPool& pool) {
  for (auto& sent : ring_) pool.give_back(std::move(sent.frame));
  *this = {};
}

void SentLog::note_reported(const SentDatagram& datagram) {
  reported_.counter = datagram.counter;
  reported_.sent_at = datagram.sent_at;
  reported_.bytes_through = datagram.bytes_through;
  reported_.payload_through = datagram.payload_through;
  has_report_ = true;
}

}  // namespace sennit::outbound
