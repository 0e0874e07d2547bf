// Two devices with a link each way between them and no tunnel: what a transfer does by itself. Used to check
// the transfers, to know the best that one link gives, and as traffic beside the tunnel.
#pragma once

#include "sim/device.hpp"
#include "sim/network.hpp"
#include "sim/virtual_link.hpp"

namespace sennit::sim {

class PlainWire {
 public:
  class End : public Device {
   public:
    End(Network& network, VirtualLink& link) : network_(network), link_(link) {}
    void send_inner(std::vector<Bytes> packets) override;
    wire::InnerMtu inner_mtu() const override { return {kMtu}; }
    void lead_to(End& other) { other_ = &other; }
    // Marks what would wait longer than this (RFC 3168).
    void mark_above(base::Duration wait) { mark_above_ = wait; }

   private:
    void mark(Bytes& packet) const;

    // A link counts an outer header on everything; both together are 1500 bytes.
    static constexpr std::uint16_t kMtu = 1472;
    Network& network_;
    VirtualLink& link_;
    End* other_ = nullptr;
    base::Duration mark_above_ = base::Duration::max();
  };

  PlainWire(Network& network, const LinkConditions& there, const LinkConditions& back);
  PlainWire(const PlainWire&) = delete;
  PlainWire& operator=(const PlainWire&) = delete;

  End& near() { return near_; }
  End& far() { return far_; }
  VirtualLink& there() { return there_; }
  VirtualLink& back() { return back_; }

 private:
  VirtualLink there_;
  VirtualLink back_;
  End near_;
  End far_;
};

}  // namespace sennit::sim
