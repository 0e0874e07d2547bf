// Joins the fragments of inner packets (protocol.md section 5.3), which may come over different paths in any
// order. Bounded: at most kMaxPending packets of at most kMaxPacket bytes are waited for; the oldest makes
// room. Of two fragments with the same position the first counts. Only fragments come here.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/packet.hpp"
#include "base/time.hpp"
#include "base/units.hpp"
#include "wire/frames.hpp"

namespace sennit::inbound {

class Reassembler {
 public:
  static constexpr std::size_t kMaxPending = 64;
  static constexpr std::size_t kMaxPacket = 9216;
  static constexpr base::Duration kPatience = std::chrono::seconds(1);

  // Takes one fragment; returns the whole packet when this was the last one missing (valid until the next
  // add()).
  std::optional<base::ConstByteSpan> add(const wire::DataHeader& header, base::ConstByteSpan piece,
                                         base::Instant now);
  // Gives up what waited too long; returns how many packets were given up since the last call.
  std::uint64_t expire(base::Instant now);
  // When the oldest pending packet's patience ends; kNever when none waits.
  base::Instant next_expiry() const;

 private:
  struct Pending {
    base::FlowBucket bucket;
    base::FlowSequence sequence;
    base::Instant since;
    std::size_t size = 0;  // of all pieces, at most kMaxPacket
    std::array<std::vector<std::uint8_t>, wire::FragmentPosition::kMaxFragments> pieces;
    std::array<bool, wire::FragmentPosition::kMaxFragments> present{};
    std::optional<std::uint8_t> last;
  };

  Pending& find_or_make(const wire::DataHeader& header, base::Instant now);
  static bool is_complete(const Pending& pending);

  std::vector<Pending> pending_;  // oldest first
  std::vector<std::uint8_t> whole_;
  std::uint64_t given_up_ = 0;
};

}  // namespace sennit::inbound
