/* WebSocket frames (RFC 6455, section 5.2), as far as servers under test use them: unfragmented, unmasked ones come in. */
#include "load.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum { TEXT_FRAME = 1, CLOSE_FRAME = 8, PING_FRAME = 9, PONG_FRAME = 10 };

void send_frame(struct connection *connection, unsigned opcode, const char *payload, size_t length) {
  static const unsigned char mask[4] = {0x37, 0xfa, 0x21, 0x3d};
  unsigned char frame[4096];
  size_t at = 2;
  if (length > sizeof frame - 8) fail("a message of %zu bytes is too long", length);
  frame[0] = (unsigned char)(0x80 | opcode);
  if (length < 126) frame[1] = (unsigned char)(0x80 | length);
  else {
    frame[1] = 0x80 | 126;
    frame[2] = (unsigned char)(length >> 8);
    frame[3] = (unsigned char)length;
    at = 4;
  }
  memcpy(frame + at, mask, 4);
  at += 4;
  for (size_t index = 0; index < length; index += 1) frame[at + index] = (unsigned char)payload[index] ^ mask[index & 3];
  ssize_t written = send(connection->fd, frame, at + length, MSG_NOSIGNAL);
  if (written != (ssize_t)(at + length)) fail("the server does not read: %s", written < 0 ? strerror(errno) : "its socket is full");
}

static bool contains(const char *text, size_t length, const char *words) {
  return memmem(text, length, words, strlen(words)) != NULL;
}

/* What the server says before the connection is one: it may want a greeting. */
static void greet(struct load *load, struct connection *connection, const char *text, size_t length) {
  if (load->greeting != NULL && contains(text, length, load->greet_on)) {
    send_frame(connection, TEXT_FRAME, load->greeting, strlen(load->greeting));
  } else if (contains(text, length, load->ready_on)) {
    connection->state = OPEN;
    load->opened += 1;
  }
}

static void take(struct load *load, struct connection *connection, unsigned opcode, char *payload, size_t length) {
  if (opcode == PING_FRAME) send_frame(connection, PONG_FRAME, payload, length);
  else if (opcode == CLOSE_FRAME) fail("the server closes a connection: %.*s", length > 2 ? (int)length - 2 : 0, payload + 2);
  else if (connection->state == GREETING) greet(load, connection, payload, length);
  else if (load->heartbeat && length == 1 && payload[0] == '2') send_frame(connection, TEXT_FRAME, "3", 1);
  else account(load, connection, payload, length);
}

/* The size of the frame that begins here, with its header; 0 while that is not known. */
static size_t size_of(const unsigned char *bytes, size_t length, size_t *header) {
  if (length < 2) return 0;
  size_t payload = bytes[1] & 0x7f;
  *header = payload < 126 ? 2 : payload == 126 ? 4 : 10;
  if (length < *header) return 0;
  if (payload >= 126) {
    size_t width = *header - 2;
    payload = 0;
    for (size_t index = 0; index < width; index += 1) payload = payload << 8 | bytes[2 + index];
  }
  return *header + payload;
}

/* Takes whole frames; answers how many bytes that were. */
static size_t take_whole(struct load *load, struct connection *connection, unsigned char *bytes, size_t length) {
  size_t at = 0, header = 0, size;
  while ((size = size_of(bytes + at, length - at, &header)) != 0 && size <= length - at) {
    take(load, connection, bytes[at] & 0x0f, (char *)bytes + at + header, size - header);
    at += size;
  }
  return at;
}

static void keep(struct connection *connection, const unsigned char *bytes, size_t length) {
  size_t size = connection->rest_length + length;
  if (size > connection->rest_size) {
    connection->rest_size = size < 1024 ? 1024 : size * 2;
    connection->rest = realloc(connection->rest, connection->rest_size);
    if (connection->rest == NULL) fail("no memory for a frame of %zu bytes", size);
  }
  memcpy(connection->rest + connection->rest_length, bytes, length);
  connection->rest_length = size;
}

void take_frames(struct load *load, struct connection *connection, unsigned char *bytes, size_t length) {
  while (connection->rest_length > 0 && length > 0) {
    /* Only so much is copied as ends the frame that has begun. */
    size_t header = 0, size = size_of(connection->rest, connection->rest_length, &header);
    size_t wanted = size == 0 ? 1 : size - connection->rest_length;
    if (wanted > length) wanted = length;
    keep(connection, bytes, wanted);
    bytes += wanted;
    length -= wanted;
    if (take_whole(load, connection, connection->rest, connection->rest_length) > 0) connection->rest_length = 0;
  }
  size_t taken = take_whole(load, connection, bytes, length);
  if (taken < length) keep(connection, bytes + taken, length - taken);
}
