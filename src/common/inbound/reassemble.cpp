#include "inbound/reassemble.hpp"

#include <algorithm>
#include <utility>

namespace sennit::inbound {

Reassembler::Pending& Reassembler::find_or_make(const wire::DataHeader& header, base::Instant now) {
  const auto found = std::ranges::find_if(pending_, [&](const Pending& pending) {
    return pending.bucket == header.bucket && pending.sequence == header.sequence;
  });
  if (found != pending_.end()) return *found;
  if (pending_.size() == kMaxPending) {
    pending_.erase(pending_.begin());
    ++given_up_;
  }
  auto& pending = pending_.emplace_back();
  pending.bucket = header.bucket;
  pending.sequence = header.sequence;
  pending.since = now;
  return pending;
}

bool Reassembler::is_complete(const Pending& pending) {
  return pending.last && std::all_of(pending.present.begin(), pending.present.begin() + *pending.last + 1,
                                     [](bool present) { return present; });
}

std::optional<base::ConstByteSpan> Reassembler::add(const wire::DataHeader& header, base::ConstByteSpan piece,
                                                    base::Instant now) {
  const auto position = wire::FragmentPosition::from_flags(header.flags);
  if (position.number >= wire::FragmentPosition::kMaxFragments) return std::nullopt;
  Pending& pending = find_or_make(header, now);
  if (pending.present[position.number]) return std::nullopt;
  pending.size += piece.size();
  if (pending.size > kMaxPacket) {
    pending_.erase(pending_.begin() + (&pending - pending_.data()));
    ++given_up_;
    return std::nullopt;
  }
  pending.pieces[position.number].assign(piece.begin(), piece.end());
  pending.present[position.number] = true;
  if (position.is_last) pending.last = position.number;
  if (!is_complete(pending)) return std::nullopt;
  whole_.clear();
  for (std::size_t i = 0; i <= *pending.last; ++i) {
    whole_.insert(whole_.end(), pending.pieces[i].begin(), pending.pieces[i].end());
  }
  pending_.erase(pending_.begin() + (&pending - pending_.data()));
  return whole_;
}

std::uint64_t Reassembler::expire(base::Instant now) {
  const auto first_kept =
      std::ranges::find_if(pending_, [&](const Pending& pending) { return now - pending.since < kPatience; });
  given_up_ += static_cast<std::uint64_t>(first_kept - pending_.begin());
  pending_.erase(pending_.begin(), first_kept);
  return std::exchange(given_up_, 0);
}

base::Instant Reassembler::next_expiry() const {
  return pending_.empty() ? base::kNever : pending_.front().since + kPatience;
}

}  // namespace sennit::inbound
