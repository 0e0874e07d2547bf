#include "config/profiles.hpp"

#include <algorithm>

#include "config/nearest.hpp"
#include "config/stock_profiles_text.hpp"
#include "config/toml_text.hpp"

namespace sennit::config {

namespace {

// `name` without its first part: `3g-average` of `atc-3g-average`.
std::string_view without_prefix(std::string_view name) {
  const auto dash = name.find('-');
  return dash == std::string_view::npos ? std::string_view{} : name.substr(dash + 1);
}

// Reads the tables of one text.
class ProfileReader {
 public:
  ProfileReader(std::string_view file_name, const ReadFile& read, Problems& problems)
      : file_name_(file_name), read_(read), problems_(problems) {}

  void read(const toml::table& root) {
    const auto* profiles = root["profile"].as_table();
    if (profiles == nullptr) return;
    for (const auto& [name, node] : *profiles) read_profile(std::string(name.str()), node);
  }
  std::vector<Profile> take() { return std::move(found_); }

 private:
  void read_profile(const std::string& name, const toml::node& node) {
    const auto* table = node.as_table();
    if (table == nullptr) return add(node, name, "it is not a table; allowed: down, up and source");
    Profile profile{.name = name};
    bool is_right = true;
    for (const auto& [key, value] : *table) {
      const auto whole = name + "." + std::string(key.str());
      is_right = read_key(profile, key.str(), whole, value) && is_right;
    }
    if (is_right) found_.push_back(std::move(profile));
  }

  bool read_key(Profile& profile, std::string_view key, const std::string& whole, const toml::node& value) {
    if (key == "down") return read_direction(profile.down, whole, value);
    if (key == "up") return read_direction(profile.up, whole, value);
    if (key == "source" && value.is_string()) {
      profile.source = *value.value<std::string>();
      return true;
    }
    add(value, whole,
        "it is not known; allowed: down, up and source, each a string, down and up also a table");
    return false;
  }

  bool read_direction(impair::Settings& target, const std::string& whole, const toml::node& value) {
    const auto found = read_impairment(value);
    for (const auto& [line, invalid] : found.refused) add(line, whole, to_string(invalid));
    const auto settings = parse_impairment(found.text, read_);
    if (!settings) add_refused(found, whole, value);
    if (!settings || !found.refused.empty()) return false;
    target = *settings;
    return true;
  }

  void add_refused(const ImpairmentNode& found, const std::string& whole, const toml::node& value) {
    for (const auto& [option, invalid] : refused_options(found.text, read_)) {
      const auto line = found.lines.find(option);
      add(line == found.lines.end() ? value.source().begin.line : line->second, whole, to_string(invalid));
    }
  }

  void add(const toml::node& node, const std::string& key, std::string message) {
    add(node.source().begin.line, key, std::move(message));
  }

  void add(unsigned line, const std::string& key, std::string message) {
    problems_.add({std::string(file_name_), line, "profile." + key}, std::move(message));
  }

  std::string_view file_name_;
  const ReadFile& read_;
  Problems& problems_;
  std::vector<Profile> found_;
};

}  // namespace

std::vector<Profile> read_profiles(const toml::table& root, std::string_view file_name, const ReadFile& read,
                                   Problems& problems) {
  ProfileReader reader(file_name, read, problems);
  reader.read(root);
  auto profiles = reader.take();
  std::ranges::sort(profiles, {}, &Profile::name);
  return profiles;
}

std::vector<Profile> read_profiles(std::string_view text, std::string_view file_name, const ReadFile& read,
                                   Problems& problems) {
  try {
    return read_profiles(toml::parse(text, file_name), file_name, read, problems);
  } catch (const toml::parse_error& error) {
    problems.add({std::string(file_name), error.source().begin.line, "profile"},
                 std::string(error.description()));
    return {};
  }
}

std::span<const Profile> stock_profiles() {
  static const std::vector<Profile> profiles = [] {
    Problems problems;
    auto found = read_profiles(kStockProfiles, "stock profiles", read_file, problems);
    throw_if_any(problems);
    return found;
  }();
  return profiles;
}

Parsed<Profile> find_profile(std::string_view name, std::span<const Profile> profiles) {
  const auto exact = std::ranges::find(profiles, name, &Profile::name);
  if (exact != profiles.end()) return *exact;
  std::vector<std::string> all;
  std::vector<const Profile*> meant;
  for (const Profile& profile : profiles) {
    all.push_back(profile.name);
    if (without_prefix(profile.name) == name) meant.push_back(&profile);
  }
  if (meant.size() == 1) return *meant.front();
  const std::string quoted = "'" + std::string(name) + "'";
  if (meant.empty()) return Invalid{quoted + " is not a profile" + guess(name, all), join_words(all)};
  std::vector<std::string> candidates;
  candidates.reserve(meant.size());
  for (const Profile* profile : meant) candidates.push_back(profile->name);
  return Invalid{quoted + " may be several profiles", join_words(candidates)};
}

}  // namespace sennit::config
