#include "shell/log.hpp"

#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

namespace sennit::shell {

namespace {

spdlog::level::level_enum level_of(config::LogLevel level) {
  switch (level) {
    case config::LogLevel::kTrace: return spdlog::level::trace;
    case config::LogLevel::kDebug: return spdlog::level::debug;
    case config::LogLevel::kInfo: return spdlog::level::info;
    case config::LogLevel::kWarning: return spdlog::level::warn;
    case config::LogLevel::kError: return spdlog::level::err;
    case config::LogLevel::kOff: return spdlog::level::off;
  }
  return spdlog::level::info;
}

// One function an alternative of tunnel::Event.
class EventLog {
 public:
  explicit EventLog(std::span<const tunnel::PeerConfig> peers) : peers_(peers) {}

  void operator()(const tunnel::PeerUp& event) const {
    spdlog::info("peer {}: up, cipher {}", name(event.peer), crypto::to_string(event.cipher));
  }
  void operator()(const tunnel::PeerDown& event) const {
    const bool closed = event.reason == tunnel::DownReason::kClosed;
    spdlog::info("peer {}: down, {}", name(event.peer), closed ? "it said goodbye" : "its keys are too old");
  }
  void operator()(const tunnel::PathChanged& event) const {
    // A gateway learns the link's name only after the path has come up.
    const auto over = event.link.empty() ? "" : " over " + event.link;
    spdlog::info("peer {}: path {}{}: {} -> {}", name(event.peer), event.path.value, over,
                 link::to_string(event.from), link::to_string(event.to));
  }
  void operator()(const tunnel::PathSaturated& event) const {
    const auto rate = static_cast<double>(event.capacity.bits_per_second) / 1e6;
    const auto* way = event.way == device::Way::kOut ? "out" : "in";
    if (event.is_saturated) {
      spdlog::info("peer {}: path {} over {}: saturated at {:.3g} Mbit/s {} ({})", name(event.peer),
                   event.path.value, event.link, rate, way, link::to_string(event.cause));
    } else {
      spdlog::info("peer {}: path {} over {}: no longer saturated {}", name(event.peer), event.path.value,
                   event.link, way);
    }
  }
  void operator()(const tunnel::MtuChanged& event) const { spdlog::info("tunnel: mtu {}", event.mtu.value); }
  void operator()(const tunnel::UnknownPeerCalled& event) const {
    spdlog::warn("a peer that is not configured called from {}; its public key is {}", event.from.to_string(),
                 event.key.to_base64());
  }

 private:
  const std::string& name(base::PeerId peer) const { return peers_[peer.value].name; }

  std::span<const tunnel::PeerConfig> peers_;
};

}  // namespace

void set_up_log(config::LogLevel level) {
  auto logger = spdlog::stderr_color_st("sennit");
  logger->set_pattern("%Y-%m-%d %H:%M:%S.%e %^%l%$: %v");
  logger->set_level(level_of(level));
  logger->flush_on(spdlog::level::info);
  spdlog::set_default_logger(std::move(logger));
}

void log_start(const config::EndpointOptions& options, const tunnel::EndpointConfig& settings) {
  const bool client = settings.role == tunnel::Role::kClient;
  const auto& file = options.origins.whole().file;
  spdlog::info("{} {}, seed {}, configuration from {}", settings.software, client ? "client" : "gateway",
               settings.seed, file.empty() ? "the command line" : file);
  spdlog::info("public key {}", settings.private_key.public_key().to_base64());
}

void log_event(const tunnel::Event& event, std::span<const tunnel::PeerConfig> peers) {
  std::visit(EventLog(peers), event);
}

std::string grown_drops(const base::DropCounters& before, const base::DropCounters& now) {
  std::string text;
  for (std::size_t i = 0; i < static_cast<std::size_t>(base::DropReason::kCount); ++i) {
    const auto reason = static_cast<base::DropReason>(i);
    if (now[reason] == before[reason]) continue;
    text += (text.empty() ? "" : ", ") + std::string(base::to_string(reason)) + " " +
            std::to_string(now[reason] - before[reason]);
  }
  return text;
}

std::string join(std::span<const base::Prefix> prefixes) {
  std::string text;
  for (const auto& prefix : prefixes) {
    if (!text.empty()) text += ", ";
    text += prefix.to_string();
  }
  return text.empty() ? "none" : text;
}

}  // namespace sennit::shell
