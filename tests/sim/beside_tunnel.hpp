// Two devices with an access line between them and no tunnel: a subscriber's other machines, whose traffic
// shares the line's queue with the tunnel's. Any application runs over them.
#pragma once

#include "sim/access_line.hpp"
#include "sim/device.hpp"
#include "sim/network.hpp"

namespace sennit::sim {

class BesideTunnel {
 public:
  // `number` tells several on one line apart.
  BesideTunnel(Network& network, AccessLine& line, std::uint16_t number);
  BesideTunnel(const BesideTunnel&) = delete;
  BesideTunnel& operator=(const BesideTunnel&) = delete;

  // The subscriber's machine, and the other one at the core.
  Device& subscriber() { return subscriber_; }
  Device& server() { return server_; }

 private:
  class End : public Device {
   public:
    using Send = std::function<void(Bytes)>;
    explicit End(Send send) : send_(std::move(send)) {}
    void send_inner(std::vector<Bytes> packets) override {
      for (auto& packet : packets) send_(std::move(packet));
    }
    // A line counts an outer header on everything; both together are 1500 bytes.
    wire::InnerMtu inner_mtu() const override { return {1472}; }
    void arrive(const Datagram& datagram) { hand_over(datagram.bytes); }

   private:
    Send send_;
  };

  std::uint16_t number_;
  base::SocketAddress server_address_;
  End subscriber_;
  End server_;
};

}  // namespace sennit::sim
