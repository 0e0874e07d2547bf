#include "shell/worker.hpp"

#include <pthread.h>

#include "io/clock.hpp"

namespace sennit::shell {

Worker::Worker(const io::TunDevice& device, tunnel::EndpointConfig settings, io::UdpOffload offload)
    : name_("worker-" + std::to_string(settings.share.index)),
      queue_(device.another_queue()),
      endpoint_(std::move(settings), io::read_clock()),
      pump_(driver_, queue_, endpoint_, offload) {}

Worker::~Worker() {
  stop();
}

void Worker::start(std::function<void(std::exception_ptr)> failed) {
  thread_ = std::thread([this, failed = std::move(failed)] { work(failed); });
}

void Worker::stop() {
  if (!thread_.joinable()) return;
  post([this] { driver_.stop(); });
  thread_.join();
}

void Worker::work(const std::function<void(std::exception_ptr)>& failed) {
  ::pthread_setname_np(::pthread_self(), name_.c_str());
  for (;;) {
    try {
      return driver_.run();
    } catch (...) {
      driver_.unwatch(queue_.fd());  // a deleted device stays readable
      failed(std::current_exception());
    }
  }
}

}  // namespace sennit::shell
