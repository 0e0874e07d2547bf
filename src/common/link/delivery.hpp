// What two reports of one path tell about the datagrams between them, and a short memory of such: delivery
// rate and loss of the last while. Values in, values out. Invariant: the memory spans at least the time asked
// for, as soon as so much has been reported.
#pragma once

#include <cstdint>
#include <deque>

#include "base/time.hpp"
#include "base/units.hpp"

namespace sennit::link {

struct Delivery {
  base::Instant sent_at;       // the last of them
  base::Duration send_span{};  // from the last one before them to the last of them, sender's clock
  base::Duration span{};       // the same as they arrived, receiver's clock
  base::Bytes sent;            // with all headers
  base::Bytes delivered;
  std::uint32_t datagrams_sent = 0;
  std::uint32_t datagrams_lost = 0;
  base::Duration queue{};    // the least delay of them, above the base
  base::Duration rtt{};      // of the last of them, its report included
  bool was_limited = false;  // more was waiting to be sent all the while
};

class DeliveryWindow {
 public:
  void add(const Delivery& delivery, base::Duration length);
  void clear() { *this = {}; }
  // Arrived a second, while it was arriving.
  base::BitRate delivery_rate() const { return base::rate_of(sum_.delivered, sum_.span); }
  // The same of those reports alone that told of a loss, but for the first of them: what a policer lets
  // through when its bucket is empty. Zero where there are not two.
  base::BitRate losing_rate() const;
  base::BitRate send_rate() const { return base::rate_of(sum_.sent, sum_.send_span); }
  base::Duration span() const { return sum_.span; }
  std::uint32_t datagrams() const { return sum_.datagrams_sent; }
  // How many of the reports told of a loss.
  std::uint32_t lossy() const { return lossy_; }
  std::uint32_t lost() const { return sum_.datagrams_lost; }
  // Share, 0..1.
  double loss() const;

 private:
  void forget_first();

  std::deque<Delivery> deliveries_;
  Delivery sum_;
  std::uint32_t lossy_ = 0;
};

}  // namespace sennit::link
