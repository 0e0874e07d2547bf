// Theory of operation: every known key stands in a table of settings (setting.hpp). TomlReader walks what the
// file holds, finds each key's setting and hands it the value as text, remembering file and line. What is not
// found is unknown.
#include "config/toml_file.hpp"

#include <toml++/toml.h>

#include <algorithm>
#include <fstream>
#include <vector>

#include "config/nearest.hpp"
#include "config/setting.hpp"
#include "config/toml_text.hpp"

namespace sennit::config {

namespace {

constexpr std::uintmax_t kLargestFile = 1U << 20U;

std::string expected(Shape shape) {
  switch (shape) {
    case Shape::kText:
    case Shape::kPath: return "a string";
    case Shape::kNumber: return "a whole number or a string";
    case Shape::kFlag: return "true or false";
    case Shape::kList: return "a string or an array of strings";
    case Shape::kNumbers: return "a whole number, a string, or an array of them";
    case Shape::kImpair: return "a string or a table of options";
    case Shape::kTables: return "[[…]] tables";
  }
  return {};
}

// The text that a setting of this shape takes from this node, if the node is of a fitting type.
std::optional<std::string> text_of(const toml::node& node, Shape shape) {
  if (shape == Shape::kFlag) {
    const auto* flag = node.as_boolean();
    return flag ? std::optional<std::string>(flag->get() ? "true" : "false") : std::nullopt;
  }
  if (const auto* text = node.as_string()) return text->get();
  const auto* number = node.as_integer();
  if (number && (shape == Shape::kNumber || shape == Shape::kNumbers)) return std::to_string(number->get());
  return std::nullopt;
}

class TomlReader {
 public:
  TomlReader(const toml::table& root, std::string_view file, Problems& problems)
      : root_(root), file_(file), folder_(std::filesystem::path(file).parent_path()), problems_(problems) {}

  // Reads a whole configuration of one kind; `tables` are the tables it may have.
  template <class Options>
  Options read_endpoint(std::string_view own, std::span<const Setting<Options>> settings) {
    Options options;
    if (const auto* table = root_[own].as_table()) {
      options.endpoint.origins.set_whole(origin(table->source(), own));
    }
    for (const auto& [key, node] : root_) read_root_key(key, node, settings, options);
    return options;
  }

 private:
  Origin origin(const toml::source_region& source, std::string_view key) const {
    return {.file = file_, .line = source.begin.line, .key = std::string(key)};
  }

  template <class Options>
  void read_root_key(const toml::key& key, const toml::node& node, std::span<const Setting<Options>> settings,
                     Options& options) {
    auto known = tables_of(settings);
    known.emplace_back("profile");
    if (key == "profile") {
      read_profiles_of(key, node, options.endpoint);
    } else if (std::ranges::find(known, key.str()) == known.end()) {
      problems_.add(origin(key.source(), key.str()), "is not a known table; " + suggestion(key.str(), known));
    } else if (has_items(key.str(), settings)) {
      read_items(key, node, options);
    } else if (const auto* table = node.as_table()) {
      read_table(*table, key.str(), key.str(), settings, options, options.endpoint.origins);
    } else {
      refuse_kind(origin(key.source(), key.str()), node, "a [" + std::string(key.str()) + "] table");
    }
  }

  template <class Options>
  static bool has_items(std::string_view key, std::span<const Setting<Options>> settings) {
    const auto setting = std::ranges::find(settings, key, &Setting<Options>::key);
    return setting != settings.end() && setting->shape == Shape::kTables;
  }

  template <class Options>
  static std::vector<std::string> tables_of(std::span<const Setting<Options>> settings) {
    std::vector<std::string> names;
    for (const auto& setting : settings) {
      const std::string name(setting.shape == Shape::kTables ? setting.key : setting.table);
      if (std::ranges::find(names, name) == names.end()) names.push_back(name);
    }
    return names;
  }

  void read_items(const toml::key& key, const toml::node& node, GatewayOptions& options) {
    if (read_shared_items(key, node, options.endpoint)) return;
    read_tables(key, node, peer_settings(), options.peers);
  }
  void read_items(const toml::key& key, const toml::node& node, ClientOptions& options) {
    if (read_shared_items(key, node, options.endpoint)) return;
    read_tables(key, node, link_settings(), options.links);
    for (auto& link : options.links) link.folder = folder_;
  }

  void read_items(const toml::key& key, const toml::node& node, ShaperOptions& options) {
    read_shared_items(key, node, options.endpoint);
  }

  void read_devices(const toml::key& key, const toml::node& node, EndpointOptions& options) {
    read_tables(key, node, device_settings(), options.devices);
    for (auto& device : options.devices) device.folder = folder_;
  }

  void read_filters(const toml::key& key, const toml::node& node, EndpointOptions& options) {
    read_tables(key, node, filter_settings(), options.filters);
    for (auto& filter : options.filters)
      if (filter.to && !filter.to->file.empty()) filter.to->file = folder_ / filter.to->file;
  }

  // Those that more than one kind of configuration has. False: it is none of them.
  bool read_shared_items(const toml::key& key, const toml::node& node, EndpointOptions& options) {
    if (key == "policy") {
      read_tables(key, node, policy_settings(), options.policies);
    } else if (key == "device") {
      read_devices(key, node, options);
    } else if (key == "filter") {
      read_filters(key, node, options);
    } else {
      return false;
    }
    return true;
  }

  void read_profiles_of(const toml::key& key, const toml::node& node, EndpointOptions& options) {
    if (!node.is_table()) return refuse_kind(origin(key.source(), key.str()), node, "[profile.NAME] tables");
    options.profiles = read_profiles(root_, file_, read_from(folder_), problems_);
    for (auto& profile : options.profiles) {
      name_files_in(folder_, profile.down);
      name_files_in(folder_, profile.up);
    }
  }

  template <class Item>
  void read_tables(const toml::key& key, const toml::node& node, std::span<const Setting<Item>> settings,
                   std::vector<Item>& items) {
    const auto* array = node.as_array();
    const bool fits = array && std::ranges::all_of(*array, [](const toml::node& n) { return n.is_table(); });
    if (!fits) {
      return refuse_kind(origin(key.source(), key.str()), node, "[[" + std::string(key.str()) + "]] tables");
    }
    for (const auto& element : *array) {
      auto& item = items.emplace_back();
      item.origins.set_whole(origin(element.source(), key.str()));
      read_table(*element.as_table(), key.str(), "", settings, item, item.origins);
    }
  }

  template <class Options>
  static auto find_setting(std::span<const Setting<Options>> settings, std::string_view table,
                           std::string_view key) {
    return std::ranges::find_if(settings, [&](const Setting<Options>& s) {
      return s.table == table && s.key == key && s.shape != Shape::kTables;
    });
  }

  // Reads the keys of one table; `name` is what the file calls it, `table` what its settings do.
  template <class Options>
  void read_table(const toml::table& source, std::string_view name, std::string_view table,
                  std::span<const Setting<Options>> settings, Options& options, Origins& origins) {
    for (const auto& [key, node] : source) {
      const auto setting = find_setting(settings, table, key.str());
      const auto place = origin(key.source(), std::string(name) + "." + std::string(key.str()));
      if (table.empty() && has_table(settings, key.str())) {
        read_inner_table(key.str(), node, place, settings, options, origins);
      } else if (setting == settings.end()) {
        problems_.add(place, "is not a known key; " + suggestion(key.str(), keys_of(settings, table)));
      } else {
        origins.set(key.str(), place);
        const bool is_right = setting->shape == Shape::kImpair
                                  ? read_options(node, *setting, place, options, origins)
                                  : read_value(node, *setting, place, options);
        if (!is_right) origins.mark_refused(key.str());
      }
    }
  }

  // Is it a table within an item?
  template <class Options>
  static bool has_table(std::span<const Setting<Options>> settings, std::string_view table) {
    return std::ranges::find(settings, table, &Setting<Options>::table) != settings.end();
  }

  template <class Options>
  void read_inner_table(std::string_view table, const toml::node& node, const Origin& place,
                        std::span<const Setting<Options>> settings, Options& options, Origins& origins) {
    origins.set(table, place);
    if (const auto* inner = node.as_table()) {
      read_table(*inner, place.key, table, settings, options, origins);
    } else {
      origins.mark_refused(table);
      refuse_kind(place, node, "a table, as in { " + keys_of(settings, table).front() + " = … }");
    }
  }

  template <class Options>
  static std::vector<std::string> keys_of(std::span<const Setting<Options>> settings,
                                          std::string_view table) {
    std::vector<std::string> keys;
    for (const auto& setting : settings) {
      const bool is_inner = table.empty() && !setting.table.empty();
      const std::string key(is_inner ? setting.table : setting.key);
      const bool is_here = is_inner || setting.table == table;
      const bool is_new = std::ranges::find(keys, key) == keys.end();
      if (is_here && is_new && setting.shape != Shape::kTables) keys.push_back(key);
    }
    return keys;
  }

  // False when a value was refused. What the options say is looked at by validate().
  template <class Options>
  bool read_options(const toml::node& node, const Setting<Options>& setting, const Origin& place,
                    Options& options, Origins& origins) {
    const auto found = read_impairment(node);
    for (const auto& [option, line] : found.lines) origins.set_option(setting.key, option, line);
    for (const auto& [line, invalid] : found.refused)
      problems_.add({place.file, line, place.key}, to_string(invalid));
    return found.refused.empty() && !setting.store(options, found.text);
  }

  // False when a value was refused.
  template <class Options>
  bool read_value(const toml::node& node, const Setting<Options>& setting, const Origin& place,
                  Options& options) {
    if (setting.clear) setting.clear(options);
    const bool is_list = setting.shape == Shape::kList || setting.shape == Shape::kNumbers;
    const auto* array = is_list ? node.as_array() : nullptr;
    if (!array) return read_scalar(node, setting, place, options);
    bool good = true;
    for (const auto& element : *array) {
      auto at_element = place;
      at_element.line = element.source().begin.line;
      good = read_scalar(element, setting, at_element, options) && good;
    }
    return good;
  }

  template <class Options>
  bool read_scalar(const toml::node& node, const Setting<Options>& setting, const Origin& place,
                   Options& options) {
    auto text = text_of(node, setting.shape);
    if (!text) {
      refuse_kind(place, node, expected(setting.shape));
      return false;
    }
    if (setting.shape == Shape::kPath && !text->empty()) text = (folder_ / *text).string();
    const auto invalid = setting.store(options, *text);
    if (invalid) problems_.add(place, to_string(*invalid));
    return !invalid;
  }

  void refuse_kind(const Origin& place, const toml::node& node, const std::string& allowed) {
    problems_.add(place, "is " + kind_of(node) + "; allowed: " + allowed);
  }

  const toml::table& root_;
  std::string file_;
  std::filesystem::path folder_;
  Problems& problems_;
};

void read_as(std::string_view own, TomlReader& reader, Loaded& loaded) {
  if (own == "gateway") loaded.options = reader.read_endpoint(own, gateway_settings());
  if (own == "client") loaded.options = reader.read_endpoint(own, client_settings());
  if (own == "shaper") loaded.options = reader.read_endpoint(own, shaper_settings());
}

void read_root(const toml::table& root, std::string_view file, Loaded& loaded) {
  constexpr std::string_view kAllowed = "; allowed: one of [gateway], [client] and [shaper]";
  std::vector<std::string> own;
  std::uint32_t line = 1;
  for (const auto* kind : {"gateway", "client", "shaper"}) {
    const auto* table = root.get(kind);
    if (table == nullptr) continue;
    own.emplace_back(kind);
    line = std::max(line, table->source().begin.line);
  }
  TomlReader reader(root, file, loaded.problems);
  if (own.size() == 1) return read_as(own.front(), reader, loaded);
  const std::string wrong = own.empty() ? "has none of the tables that say what it configures"
                                        : "has both [" + own[0] + "] and [" + own[1] + "]";
  loaded.problems.add({std::string(file), line, {}}, wrong + std::string(kAllowed));
}

// One line, whatever the parser says.
std::string one_line(std::string_view text) {
  std::string line(text);
  std::ranges::replace(line, '\n', ' ');
  return line;
}

}  // namespace

Loaded load_text(std::string_view text, std::string_view file_name) {
  Loaded loaded;
  try {
    const toml::table root = toml::parse(text, file_name);
    read_root(root, file_name, loaded);
  } catch (const toml::parse_error& error) {
    loaded.problems.add({std::string(file_name), error.source().begin.line, {}},
                        one_line(error.description()));
  }
  return loaded;
}

Loaded load_file(const std::filesystem::path& file) {
  Loaded loaded;
  std::error_code error;
  const auto size = std::filesystem::file_size(file, error);
  std::ifstream stream(file, std::ios::binary);
  if (error || !stream) {
    loaded.problems.add(
        {}, file.string() + ": cannot be read: " + (error ? error.message() : "permission denied"));
  } else if (size > kLargestFile) {
    loaded.problems.add({}, file.string() + ": is larger than 1 MiB, so it is not a configuration");
  } else {
    const std::string text{std::istreambuf_iterator<char>(stream), {}};
    return load_text(text, file.string());
  }
  return loaded;
}

}  // namespace sennit::config
