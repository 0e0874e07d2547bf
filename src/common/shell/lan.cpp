#include "shell/lan.hpp"

#include <utility>

namespace sennit::shell {

Lan::Lan(LanView view, io::Driver& driver, std::function<void()> on_change)
    : driver_(driver), on_change_(std::move(on_change)) {
  if (view == LanView::kUnseen) return;
  neighbours_.emplace();
  neighbourhood_.note(neighbours_->read());
  driver_.watch(neighbours_->fd(), [this] {
    if (neighbourhood_.note(neighbours_->read()) == NeighbourChange::kSome) on_change_();
  });
}

Lan::~Lan() {
  if (neighbours_) driver_.unwatch(neighbours_->fd());
}

}  // namespace sennit::shell
