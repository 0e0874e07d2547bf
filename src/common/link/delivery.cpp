#include "link/delivery.hpp"

#include <utility>

#include <algorithm>

namespace sennit::link {

void DeliveryWindow::add(const Delivery& delivery, base::Duration length) {
  deliveries_.push_back(delivery);
  sum_.span += delivery.span;
  sum_.send_span += delivery.send_span;
  sum_.sent += delivery.sent;
  sum_.delivered += delivery.delivered;
  sum_.datagrams_sent += delivery.datagrams_sent;
  sum_.datagrams_lost += delivery.datagrams_lost;
  lossy_ += delivery.datagrams_lost > 0 ? 1U : 0U;
  while (deliveries_.size() > 1 && sum_.span - deliveries_.front().span >= length) forget_first();
}

void DeliveryWindow::forget_first() {
  const Delivery& first = deliveries_.front();
  sum_.span -= first.span;
  sum_.send_span -= first.send_span;
  sum_.sent.value -= first.sent.value;
  sum_.delivered.value -= first.delivered.value;
  sum_.datagrams_sent -= first.datagrams_sent;
  sum_.datagrams_lost -= first.datagrams_lost;
  lossy_ -= first.datagrams_lost > 0 ? 1U : 0U;
  deliveries_.pop_front();
}

base::BitRate DeliveryWindow::losing_rate() const {
  base::Bytes delivered;
  base::Duration span{};
  bool is_first = true;
  for (const auto& delivery : deliveries_) {
    if (delivery.datagrams_lost == 0 || std::exchange(is_first, false)) continue;
    delivered += delivery.delivered;
    span += delivery.span;
  }
  return base::rate_of(delivered, span);
}

double DeliveryWindow::loss() const {
  if (sum_.datagrams_sent == 0) return 0;
  return static_cast<double>(sum_.datagrams_lost) / sum_.datagrams_sent;
}

}  // namespace sennit::link
