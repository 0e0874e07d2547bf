#include "io/receive_offloads.hpp"

#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <set>
#include <string_view>
#include <vector>

#include "base/fd.hpp"

namespace sennit::io {

namespace {

// What joins packets that arrive (netdev_features_strings of the kernel).
constexpr std::array<std::string_view, 5> kJoining{"rx-gro", "rx-gro-hw", "rx-lro", "rx-gro-list",
                                                   "rx-udp-gro-forwarding"};
constexpr std::size_t kWord = 32;  // features in a block

// A command of the kernel's: numbers in front, and a number of items behind them.
template <std::size_t kNumbers, class Item>
class Command {
 public:
  Command(const std::array<std::uint32_t, kNumbers>& numbers, std::size_t count)
      : bytes_(sizeof(numbers) + count * sizeof(Item)) {
    std::memcpy(bytes_.data(), numbers.data(), sizeof(numbers));
  }
  void* data() { return bytes_.data(); }
  Item item(std::size_t index) const {
    Item item;
    std::memcpy(&item, at(index), sizeof(item));
    return item;
  }
  void set_item(std::size_t index, const Item& item) {
    std::memcpy(const_cast<std::uint8_t*>(at(index)), &item, sizeof(item));
  }

 private:
  const std::uint8_t* at(std::size_t index) const {
    return bytes_.data() + kNumbers * sizeof(std::uint32_t) + index * sizeof(Item);
  }

  std::vector<std::uint8_t> bytes_;
};

using Name = std::array<char, ETH_GSTRING_LEN>;

std::uint32_t to_u32(std::size_t count) {
  return static_cast<std::uint32_t>(count);
}

// The features of one interface, asked for and set through SIOCETHTOOL.
class Features {
 public:
  explicit Features(const std::string& interface) : socket_(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    interface.copy(static_cast<char*>(request_.ifr_name), IFNAMSIZ - 1);
    names_ = read_names();
  }

  // Those of kJoining that are on and can be switched.
  std::vector<std::string> on() {
    Command<2, ethtool_get_features_block> blocks({ETHTOOL_GFEATURES, to_u32(words())}, words());
    if (!ask(blocks.data())) return {};
    std::vector<std::string> found;
    for (std::size_t i = 0; i < names_.size(); ++i) {
      const auto block = blocks.item(i / kWord);
      const bool is_on = ((block.active & block.available & ~block.never_changed) >> i % kWord & 1U) != 0;
      if (is_on && std::ranges::find(kJoining, names_[i]) != kJoining.end()) found.push_back(names_[i]);
    }
    return found;
  }

  void set(const std::set<std::string>& wanted, Switch to) {
    Command<2, ethtool_set_features_block> blocks({ETHTOOL_SFEATURES, to_u32(words())}, words());
    for (std::size_t i = 0; i < names_.size(); ++i) {
      if (!wanted.contains(names_[i])) continue;
      auto block = blocks.item(i / kWord);
      block.valid |= 1U << i % kWord;
      if (to == Switch::kOn) block.requested |= 1U << i % kWord;
      blocks.set_item(i / kWord, block);
    }
    static_cast<void>(ask(blocks.data()));
  }

 private:
  std::size_t words() const { return (names_.size() + kWord - 1) / kWord; }

  bool ask(void* data) {
    request_.ifr_data = static_cast<char*>(data);
    return ::ioctl(socket_.get(), SIOCETHTOOL, &request_) >= 0;
  }

  std::size_t count_names() {
    // Behind the command: nothing, a set of sets in two words, and a count for each set.
    Command<4, std::uint32_t> question({ETHTOOL_GSSET_INFO, 0, 1U << ETH_SS_FEATURES, 0}, 1);
    return ask(question.data()) ? question.item(0) : 0;
  }

  std::vector<std::string> read_names() {
    const auto count = count_names();
    Command<3, Name> answer({ETHTOOL_GSTRINGS, ETH_SS_FEATURES, to_u32(count)}, count);
    if (count == 0 || !ask(answer.data())) return {};
    std::vector<std::string> names;
    for (std::size_t i = 0; i < count; ++i) {
      const auto name = answer.item(i);
      names.emplace_back(name.data(), ::strnlen(name.data(), name.size()));
    }
    return names;
  }

  base::FileDescriptor socket_;
  ifreq request_{};
  std::vector<std::string> names_;  // by position
};

std::set<std::string> words_of(std::string_view text) {
  std::set<std::string> words;
  while (!text.empty()) {
    const auto word = text.substr(0, text.find(','));
    words.emplace(word);
    text.remove_prefix(std::min(text.size(), word.size() + 1));
  }
  return words;
}

}  // namespace

std::string receive_offloads_on(const std::string& interface) {
  std::string text;
  for (const auto& name : Features(interface).on()) text += (text.empty() ? "" : ",") + name;
  return text;
}

void switch_offloads(const std::string& interface, const std::string& names, Switch to) {
  Features(interface).set(words_of(names), to);
}

}  // namespace sennit::io
