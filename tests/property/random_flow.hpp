// One side of a connection as a receiver of superpackets fears it: mostly segments in a row, and among them
// everything that must not be joined. Seeded, so that every run repeats.
#pragma once

#include "base/rng.hpp"
#include "property/reference.hpp"

namespace sennit::property {

using reference::Bytes;

// `size` random bytes, cheaply: a window of a fixed pool.
base::ConstByteSpan random_payload(std::size_t size, base::Rng& rng);

class RandomFlow {
 public:
  // Flows with different numbers have different ports.
  RandomFlow(unsigned number, base::Rng& rng);

  // Appends the flow's next packet to `out`.
  void append_packet(Bytes& out);
  // Appends a superpacket as the kernel hands it over; says how it is to be cut.
  base::Offload append_superpacket(Bytes& out);

 private:
  void change_for_good();
  void change_once(reference::Look& look);
  void damage(base::ByteSpan packet, const reference::Look& look);
  std::size_t next_payload_size();
  bool chance(unsigned one_in) { return rng_.below(one_in) == 0; }
  unsigned number(unsigned bound) { return static_cast<unsigned>(rng_.below(bound)); }

  base::Rng rng_;
  reference::Look look_;
  std::size_t segment_size_ = 1;
};

}  // namespace sennit::property
