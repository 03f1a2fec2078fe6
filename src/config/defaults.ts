import type { WrittenConfig } from "./schema.js";

/** The settings as they are when nobody says otherwise; mangahub.config.yaml repeats and explains them. */
export const DEFAULTS = {
  websocket: {
    host: "127.0.0.1",
    port: 9093,
    write_wait: "10s",
    pong_wait: "60s",
    ping_period: "54s",
    max_message_size: "64KiB",
    client_buffer_size: 256,
    cleanup_interval: "30s",
    stale_connection_timeout: "90s",
    allowed_origins: [],
    allow_guests: false,
    max_connections: 10_000,
    max_connections_per_address: 256,
  },
  database: { path: "" },
  linger: "0s",
  limits: {
    enabled: true,
    messages_per_second: 10,
    message_burst: 30,
    user_messages_per_second: 20,
    user_message_burst: 60,
    address_messages_per_second: 50,
    address_message_burst: 200,
    room_messages_per_second: 200,
    room_message_burst: 1000,
    requests_per_second: 20,
    request_burst: 60,
    rooms_per_hour: 60,
  },
  presence: { offline_grace: "10s" },
  log: { level: "info" },
  client: { name: "", server: "", room: "general", start_hub: true },
} as const satisfies WrittenConfig;
