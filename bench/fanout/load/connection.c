/* One connection: dialling, the upgrade, and its words. */
#include "load.h"
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

/* Writes a template: %r is the room, %u the user, %t the text, %n a name that no other message has, of this run or another. */
static size_t fill(char *out, size_t size, const char *template, const struct connection *connection, const char *text) {
  static unsigned long long run;
  if (run == 0) run = clock_ns();
  size_t at = 0;
  unsigned user = connection->room * 100000 + connection->member;
  for (const char *from = template; *from != 0 && at + TEXT + 32 < size; from += 1) {
    if (*from != '%' || strchr("rutn", from[1]) == NULL) {
      out[at++] = *from;
      continue;
    }
    from += 1;
    if (*from == 'r') at += (size_t)sprintf(out + at, "room-%u", connection->room);
    else if (*from == 'u') at += (size_t)sprintf(out + at, "u%u", user);
    else if (*from == 'n') at += (size_t)sprintf(out + at, "%llx-%u", run, connection->said);
    else at += (size_t)sprintf(out + at, "%s", text);
  }
  out[at] = 0;
  return at;
}

void say(struct load *load, struct connection *connection, char kind, uint64_t intended) {
  static const char words[] = " that last page of the chapter, who else did not see it coming? again!";
  char text[TEXT + 8], payload[2048];
  unsigned number = kind == 'm' ? connection->sent : 0;
  long index = connection - load->connections;
  int length = sprintf(text, "~%c%08lx%08x%016llx~", kind, index, number, (unsigned long long)intended);
  sprintf(text + length, "%.*s", TEXT - length, words);
  send_frame(connection, 1, payload, fill(payload, sizeof payload, load->message, connection, text));
  connection->said += 1;
  if (kind != 'm') return;
  connection->sent += 1;
  connection->group->sent += 1;
  if (load->phase == MEASURING) connection->group->sent_window += 1;
}

static void watch(struct load *load, struct connection *connection, int how, unsigned events) {
  struct epoll_event event = {.events = events, .data.ptr = connection};
  bool is_urgent = load->group_count > 1 && connection->group == &load->groups[0];
  if (epoll_ctl(is_urgent ? load->urgent : load->epoll, how, connection->fd, &event) != 0) fail("epoll_ctl: %s", strerror(errno));
}

void dial(struct load *load) {
  struct connection *connection = &load->connections[load->dialled];
  int yes = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  if (fd < 0) fail("socket: %s", strerror(errno));
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &yes, sizeof yes);
  /* Several addresses, so that there are ports enough. */
  struct sockaddr_in from = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK + load->dialled % 4)};
  struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)load->port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  if (bind(fd, (struct sockaddr *)&from, sizeof from) != 0) fail("bind: %s", strerror(errno));
  if (connect(fd, (struct sockaddr *)&to, sizeof to) != 0 && errno != EINPROGRESS) fail("connect: %s", strerror(errno));
  connection->fd = fd;
  connection->state = DIALLING;
  watch(load, connection, EPOLL_CTL_ADD, EPOLLOUT);
  load->dialled += 1;
}

static void ask_for_upgrade(struct load *load, struct connection *connection) {
  int error = 0;
  socklen_t size = sizeof error;
  getsockopt(connection->fd, SOL_SOCKET, SO_ERROR, &error, &size);
  if (error != 0) fail("connect: %s", strerror(error));
  char path[512], request[1024];
  fill(path, sizeof path, load->path, connection, "");
  int length = snprintf(request, sizeof request,
                        "GET %s HTTP/1.1\r\nHost: 127.0.0.1:%u\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: bWFuZ2FodWIgYmVuY2ggIQ==\r\n%s\r\n",
                        path, load->port, load->headers);
  if (send(connection->fd, request, (size_t)length, MSG_NOSIGNAL) != length) fail("the upgrade was not sent: %s", strerror(errno));
  connection->state = SHAKING;
  watch(load, connection, EPOLL_CTL_MOD, EPOLLIN);
}

/* Reads the answer to the upgrade; what follows it are frames already. */
static void shake(struct load *load, struct connection *connection, unsigned char *bytes, size_t length) {
  const char *end = memmem(bytes, length, "\r\n\r\n", 4);
  if (end == NULL || memcmp(bytes, "HTTP/1.1 101", 12) != 0) fail("the server answers %.*s", (int)(length > 300 ? 300 : length), bytes);
  connection->state = load->ready_on == NULL ? OPEN : GREETING;
  if (connection->state == OPEN) load->opened += 1;
  size_t head = (size_t)(end + 4 - (char *)bytes);
  take_frames(load, connection, bytes + head, length - head);
}

void on_ready(struct load *load, struct connection *connection, unsigned events) {
  static unsigned char bytes[256 * 1024];
  if (connection->state == CLOSED) return;
  if (connection->state == DIALLING) return ask_for_upgrade(load, connection);
  ssize_t length = recv(connection->fd, bytes, sizeof bytes, 0);
  if (length < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (length <= 0) {
    if (connection->state != OPEN) fail("a connection was closed before it was one (events %x)", events);
    connection->state = CLOSED;
    load->closed += 1;
    close(connection->fd);
    return;
  }
  load->now = clock_ns();
  load->reads += 1;
  if (load->phase == MEASURING) load->reads_window += 1;
  if (connection->state == SHAKING) shake(load, connection, bytes, (size_t)length);
  else take_frames(load, connection, bytes, (size_t)length);
}
