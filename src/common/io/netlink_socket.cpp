#include "io/netlink_socket.hpp"

#include <netlink/errno.h>
#include <netlink/handlers.h>
#include <netlink/netlink.h>
#include <netlink/socket.h>

#include <cerrno>
#include <string>

#include "base/error.hpp"
#include "io/netlink_message.hpp"

namespace sennit::io {

namespace {

// What the callbacks of one exchange share.
struct Exchange {
  const std::function<void(nlmsghdr*)>* on_entry = nullptr;
  int error = 0;
  bool done = false;
};

int on_valid(nl_msg* message, void* argument) {
  const auto* exchange = static_cast<Exchange*>(argument);
  if (exchange->on_entry != nullptr) (*exchange->on_entry)(nlmsg_hdr(message));
  return NL_OK;
}

int on_end(nl_msg* /*message*/, void* argument) {
  static_cast<Exchange*>(argument)->done = true;
  return NL_STOP;
}

int on_error(sockaddr_nl* /*sender*/, nlmsgerr* refusal, void* argument) {
  auto* exchange = static_cast<Exchange*>(argument);
  exchange->error = -refusal->error;
  exchange->done = true;
  return NL_STOP;
}

std::error_code exchange_messages(nl_sock* socket, const NetlinkMessage& message, Exchange& exchange) {
  if (nl_send_auto(socket, message.get()) < 0) return std::make_error_code(std::errc::io_error);
  const std::unique_ptr<nl_cb, decltype(&nl_cb_put)> callbacks(nl_cb_alloc(NL_CB_DEFAULT), &nl_cb_put);
  if (callbacks == nullptr) return std::make_error_code(std::errc::not_enough_memory);
  nl_cb_set(callbacks.get(), NL_CB_VALID, NL_CB_CUSTOM, on_valid, &exchange);
  nl_cb_set(callbacks.get(), NL_CB_ACK, NL_CB_CUSTOM, on_end, &exchange);
  nl_cb_set(callbacks.get(), NL_CB_FINISH, NL_CB_CUSTOM, on_end, &exchange);
  nl_cb_err(callbacks.get(), NL_CB_CUSTOM, on_error, &exchange);
  while (!exchange.done) {
    if (nl_recvmsgs(socket, callbacks.get()) < 0 && !exchange.done)
      return std::make_error_code(std::errc::io_error);
  }
  return {exchange.error, std::generic_category()};
}

}  // namespace

void NetlinkSocket::Free::operator()(nl_sock* socket) const {
  nl_socket_free(socket);
}

NetlinkSocket::NetlinkSocket() : socket_(nl_socket_alloc()) {
  const int result = socket_ == nullptr ? -NLE_NOMEM : nl_connect(socket_.get(), NETLINK_ROUTE);
  if (result < 0) throw base::Error(std::string("cannot open a netlink socket: ") + nl_geterror(result));
}

std::error_code NetlinkSocket::request(const NetlinkMessage& message) {
  Exchange exchange;
  nlmsg_hdr(message.get())->nlmsg_flags |= NLM_F_ACK;
  return exchange_messages(socket_.get(), message, exchange);
}

std::error_code NetlinkSocket::dump(const NetlinkMessage& message,
                                    const std::function<void(nlmsghdr*)>& on_entry) {
  Exchange exchange;
  exchange.on_entry = &on_entry;
  nlmsg_hdr(message.get())->nlmsg_flags |= NLM_F_DUMP;
  return exchange_messages(socket_.get(), message, exchange);
}

}  // namespace sennit::io
