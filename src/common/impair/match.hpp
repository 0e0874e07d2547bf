// One function object of several, for std::visit: a case an alternative.
#pragma once

namespace sennit::impair {

template <class... Cases>
struct Match : Cases... {
  using Cases::operator()...;
};
template <class... Cases>
Match(Cases...) -> Match<Cases...>;

}  // namespace sennit::impair
