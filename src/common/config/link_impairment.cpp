#include "config/link_impairment.hpp"

namespace sennit::config {

namespace {

using Direction = std::optional<impair::Settings>;

bool holds_options(const std::string& text) {
  return text.find('=') != std::string::npos;
}

Parsed<Direction> read(const std::string& text, const LinkOptions& link, const std::vector<Profile>& profiles,
                       impair::Settings Profile::*direction) {
  if (text.empty() || text == "none") return Direction{};
  if (holds_options(text)) {
    const auto settings = parse_impairment_in(link.folder, text);
    if (!settings) return settings.invalid();
    return Direction{*settings};
  }
  const auto profile = find_profile(text, profiles);
  if (profile) return Direction{(*profile).*direction};
  return Invalid{profile.invalid().wrong,
                 profile.invalid().allowed + "; or options as in 'delay=100ms loss=1%', or none"};
}

// The key by which the direction was given.
std::string_view key_of(const LinkOptions& link, std::string_view direction) {
  if (link.origins.was_set(direction)) return direction;
  const bool is_both = link.origins.was_set("impair") || link.impair_up == link.impair_down;
  return is_both ? "impair" : direction;
}

// On the command line, the place is the whole link.
void add(const LinkOptions& link, std::string_view key, const RefusedOption& refused, Problems& problems) {
  const auto named = link.origins.was_set(key) ? std::string() : std::string(key) + ": ";
  problems.add(link.origins.of_option(key, refused.key), named + to_string(refused.invalid));
}

void check(const LinkOptions& link, std::string_view key, const std::string& text,
           const std::vector<Profile>& profiles, Problems& problems) {
  if (holds_options(text)) {
    for (const auto& refused : refused_options_in(link.folder, text)) add(link, key, refused, problems);
    return;
  }
  // Either direction: only the profile's name can be refused.
  const auto direction = read(text, link, profiles, &Profile::up);
  if (!direction) add(link, key, {{}, direction.invalid()}, problems);
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

void check_impairment(const LinkOptions& link, const std::vector<Profile>& profiles, Problems& problems) {
  const auto up = key_of(link, "impair_up");
  const auto down = key_of(link, "impair_down");
  check(link, up, link.impair_up, profiles, problems);
  if (down != up) check(link, down, link.impair_down, profiles, problems);
}

}  // namespace sennit::config
