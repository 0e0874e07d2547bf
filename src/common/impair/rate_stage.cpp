#include "impair/rate_stage.hpp"

#include <algorithm>

namespace sennit::impair {

base::BitRate nominal_rate(const RateSettings& settings) {
  return settings.trace ? settings.trace->mean_rate() : settings.rate;
}

RateStage::RateStage(const RateSettings& settings, base::Instant now) {
  build(settings, now);
}

void RateStage::build(const RateSettings& settings, base::Instant now) {
  bucket_.reset();
  wire_.reset();
  settings_ = settings;
  if (settings.trace) {
    trace_.emplace(settings.trace, now);
    return;
  }
  trace_.reset();
  if (settings.rate == base::BitRate{}) return;
  const bool has_bucket = settings.burst > base::Bytes{};
  if (has_bucket) bucket_.emplace(settings.rate, settings.burst, now);
  const auto wire_rate = has_bucket ? settings.peak : settings.rate;
  if (wire_rate > base::BitRate{}) wire_.emplace(wire_rate);
}

base::Instant RateStage::send(base::Bytes size, base::Instant at) {
  sent_ = size;
  sent_at_ = at;
  if (trace_) return free_at_ = trace_->send(size, at);
  free_at_ = bucket_ ? bucket_->take(size, at) : at;
  if (wire_) free_at_ += wire_->transmission_time(size);
  return free_at_;
}

base::Bytes RateStage::remaining(base::Instant now) const {
  if (free_at_ <= now) return {};
  const double part = base::to_seconds(free_at_ - now) / base::to_seconds(free_at_ - sent_at_);
  return {static_cast<std::uint64_t>(static_cast<double>(sent_.value) * std::min(part, 1.0))};
}

void RateStage::change(const RateSettings& settings, base::Instant now) {
  if (settings == settings_) return;
  const auto rest = remaining(now);
  const double tokens = bucket_ ? bucket_->level(now) : -static_cast<double>(rest.value);
  build(settings, now);
  free_at_ = now;
  if (bucket_) {
    bucket_->set_level(tokens, now);
    free_at_ = std::max(now, bucket_->settled_at());
  } else if (rest > base::Bytes{}) {
    if (trace_) free_at_ = trace_->send(rest, now);
    if (wire_) free_at_ += wire_->transmission_time(rest);
  }
  sent_ = rest;
  sent_at_ = now;
}

}  // namespace sennit::impair
