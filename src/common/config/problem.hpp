// What is wrong with a configuration, and where each setting came from.
// Loading and checking collect every problem; whoever started them decides what to do about it.
// Invariant: a Problem's text is one sentence without a line break, as in `home.toml:7: tunnel.mtu: '12' is
// …`.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sennit::config {

// Where a setting was written. Without a file: on the command line, or nowhere.
struct Origin {
  std::string file;
  unsigned line = 0;
  std::string key;  // "tunnel.mtu" in a file, "--mtu" on the command line
};

// "home.toml:7: tunnel.mtu" or "--mtu".
std::string to_string(const Origin& origin);

// The origins of the settings of one object, by key.
class Origins {
 public:
  // Where the object itself was written: the answer for keys that were not set.
  void set_whole(Origin origin) { whole_ = std::move(origin); }
  void set(std::string_view key, Origin origin) {
    by_key_.insert_or_assign(std::string(key), std::move(origin));
  }
  // Remembers that the key's value was refused, so that nobody reports it as missing.
  void mark_refused(std::string_view key) { refused_.emplace(key); }
  bool was_refused(std::string_view key) const { return refused_.contains(key); }
  bool was_set(std::string_view key) const { return by_key_.contains(key); }
  // For a key that was not set: the place of the whole object, with the key added to it.
  Origin of(std::string_view key) const;
  // Remembers where an option stands in the table that is the value of `key`.
  void set_option(std::string_view key, std::string_view option, unsigned line);
  // That of the key, at the line of the option where it has one of its own.
  Origin of_option(std::string_view key, std::string_view option) const;
  const Origin& whole() const { return whole_; }

 private:
  Origin whole_;
  std::map<std::string, Origin, std::less<>> by_key_;
  std::map<std::pair<std::string, std::string>, unsigned> option_lines_;
  std::set<std::string, std::less<>> refused_;
};

struct Problem {
  Origin origin;
  std::string message;
};

// "home.toml:7: tunnel.mtu: '12' is out of range; allowed: …".
std::string to_string(const Problem& problem);

// Problems as they are found.
class Problems {
 public:
  void add(Origin origin, std::string message) { found_.push_back({std::move(origin), std::move(message)}); }
  void add_all(const Problems& others) {
    found_.insert(found_.end(), others.found_.begin(), others.found_.end());
  }
  bool empty() const { return found_.empty(); }
  // One text a problem, in the order of the lines of the file.
  std::vector<std::string> texts() const;

 private:
  std::vector<Problem> found_;
};

// Throws UsageError with all of them, one a line, when there are any.
void throw_if_any(const Problems& problems);

}  // namespace sennit::config
