#include "link_emulator/line.hpp"

#include <algorithm>

#include "base/error.hpp"

namespace link_emulator {

namespace {

std::vector<std::string> parts_of(std::string_view description) {
  const auto equals = description.find('=');
  const auto comma = description.find(',', std::min(equals, description.size()));
  if (comma == std::string_view::npos)
    throw sennit::base::UsageError(std::string(description) + " is not NAME=NEAR,FAR");
  return {std::string(description.substr(0, equals)),
          std::string(description.substr(equals + 1, comma - equals - 1)),
          std::string(description.substr(comma + 1))};
}

}  // namespace

Line::Line(std::string_view description, std::uint64_t seed) : Line(parts_of(description), seed) {}

Line::Line(const std::vector<std::string>& parts, std::uint64_t seed)
    : name_(parts.at(0)), near_(parts.at(1)), far_(parts.at(2)), up_(2 * seed), down_(2 * seed + 1) {}

std::size_t Line::work(base::Instant now) {
  return carry(near_, up_, far_, now) + carry(far_, down_, near_, now);
}

std::size_t Line::carry(EthernetPort& from, Direction& direction, EthernetPort& to, base::Instant now) {
  std::size_t carried = 0;
  for (bool more = true; more; frames_.clear()) {
    more = from.receive(frames_);
    carried += frames_.size();
    for (auto& frame : frames_) direction.push(std::move(frame), now);
  }
  direction.pop_due(now, frames_);
  carried += frames_.size();
  to.send(frames_);
  return carried;
}

std::string Line::obey(std::string_view command, base::Instant now) {
  if (command == "stats")
    return "ok\nup " + up_.take_statistics().text() + "\ndown " + down_.take_statistics().text();
  const auto space = std::min(command.find(' '), command.size());
  const auto which = command.substr(0, space);
  if (which != "up" && which != "down" && which != "both") return "error: up, down, both or stats";
  auto up = up_.conditions();
  auto down = down_.conditions();
  for (auto* conditions : {&up, &down}) {
    if (which == (conditions == &up ? "down" : "up")) continue;
    if (const auto refused = apply(command.substr(space), *conditions)) return "error: " + *refused;
  }
  up_.set(up, now);
  down_.set(down, now);
  return "ok";
}

}  // namespace link_emulator
