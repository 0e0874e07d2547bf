#include "config/link_impairment.hpp"

namespace sennit::config {

namespace {

using Direction = std::optional<impair::Settings>;

Parsed<Direction> read(const std::string& text, const LinkOptions& link, const std::vector<Profile>& profiles,
                       impair::Settings Profile::*direction) {
  if (text.empty() || text == "none") return Direction{};
  if (text.find('=') != std::string::npos) {
    const auto settings = parse_impairment_in(link.folder, text);
    if (!settings) return settings.invalid();
    return Direction{*settings};
  }
  const auto profile = find_profile(text, profiles);
  if (profile) return Direction{(*profile).*direction};
  return Invalid{profile.invalid().wrong,
                 profile.invalid().allowed + "; or options as in 'delay=100ms loss=1%', or none"};
}

Invalid within(std::string_view key, const Invalid& invalid) {
  return {std::string(key) + ": " + invalid.wrong, invalid.allowed};
}

}  // namespace

Parsed<LinkImpairment> impairment_of(const LinkOptions& link, const std::vector<Profile>& profiles) {
  const auto up = read(link.impair_up, link, profiles, &Profile::up);
  if (!up) return within("impair_up", up.invalid());
  const auto down = read(link.impair_down, link, profiles, &Profile::down);
  if (!down) return within("impair_down", down.invalid());
  return LinkImpairment{*up, *down};
}

}  // namespace sennit::config
