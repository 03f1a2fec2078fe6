// The chat hub that Go programs with Gin and gorilla/websocket share: one goroutine keeps the rooms, each client has a
// reader and a writer with a queue of its own, and every member's message is encoded for it (WriteJSON).
package main

import (
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/gorilla/websocket"
)

type ChatMessage struct {
	ID        string    `json:"id"`
	UserID    string    `json:"user_id"`
	Username  string    `json:"username"`
	RoomID    string    `json:"room_id"`
	Message   string    `json:"message"`
	Timestamp int64     `json:"timestamp"`
	CreatedAt time.Time `json:"created_at"`
}

type ChatClient struct {
	conn                     *websocket.Conn
	send                     chan ChatMessage
	userID, username, roomID string
}

type Hub struct {
	rooms      map[string]map[*ChatClient]bool
	register   chan *ChatClient
	unregister chan *ChatClient
	broadcast  chan ChatMessage
}

const (
	writeWait  = 10 * time.Second
	pongWait   = 60 * time.Second
	pingPeriod = 54 * time.Second
)

var upgrader = websocket.Upgrader{
	ReadBufferSize:  1024,
	WriteBufferSize: 1024,
	CheckOrigin:     func(*http.Request) bool { return true },
}

func (hub *Hub) run() {
	for {
		select {
		case client := <-hub.register:
			if hub.rooms[client.roomID] == nil {
				hub.rooms[client.roomID] = map[*ChatClient]bool{}
			}
			hub.rooms[client.roomID][client] = true
		case client := <-hub.unregister:
			hub.drop(client)
		case message := <-hub.broadcast:
			for client := range hub.rooms[message.RoomID] {
				select {
				case client.send <- message:
				default:
					hub.drop(client)
				}
			}
		}
	}
}

func (hub *Hub) drop(client *ChatClient) {
	if room := hub.rooms[client.roomID]; room[client] {
		delete(room, client)
		close(client.send)
	}
}

func (hub *Hub) read(client *ChatClient) {
	defer func() {
		hub.unregister <- client
		client.conn.Close()
	}()
	client.conn.SetReadDeadline(time.Now().Add(pongWait))
	client.conn.SetPongHandler(func(string) error {
		return client.conn.SetReadDeadline(time.Now().Add(pongWait))
	})
	for number := 0; ; number++ {
		var message ChatMessage
		if err := client.conn.ReadJSON(&message); err != nil {
			return
		}
		now := time.Now()
		message.ID = fmt.Sprintf("%d-%s-%d", now.UnixNano(), client.userID, number)
		message.UserID, message.Username, message.RoomID = client.userID, client.username, client.roomID
		message.Timestamp, message.CreatedAt = now.Unix(), now.UTC()
		hub.broadcast <- message
	}
}

func (client *ChatClient) write() {
	ticker := time.NewTicker(pingPeriod)
	defer func() {
		ticker.Stop()
		client.conn.Close()
	}()
	for {
		select {
		case message, isOpen := <-client.send:
			client.conn.SetWriteDeadline(time.Now().Add(writeWait))
			if !isOpen {
				client.conn.WriteMessage(websocket.CloseMessage, []byte{})
				return
			}
			if err := client.conn.WriteJSON(message); err != nil {
				return
			}
		case <-ticker.C:
			client.conn.SetWriteDeadline(time.Now().Add(writeWait))
			if err := client.conn.WriteMessage(websocket.PingMessage, nil); err != nil {
				return
			}
		}
	}
}

func main() {
	gin.SetMode(gin.ReleaseMode)
	hub := &Hub{
		rooms:      map[string]map[*ChatClient]bool{},
		register:   make(chan *ChatClient),
		unregister: make(chan *ChatClient),
		broadcast:  make(chan ChatMessage, 100),
	}
	go hub.run()
	engine := gin.New()
	engine.Use(gin.Recovery())
	engine.GET("/ws/:room", func(context *gin.Context) {
		conn, err := upgrader.Upgrade(context.Writer, context.Request, nil)
		if err != nil {
			return
		}
		client := &ChatClient{
			conn: conn, send: make(chan ChatMessage, 256),
			userID: context.Query("user_id"), username: context.Query("username"), roomID: context.Param("room"),
		}
		hub.register <- client
		go client.write()
		go hub.read(client)
	})
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	fmt.Println(listener.Addr().(*net.TCPAddr).Port)
	panic(http.Serve(listener, engine))
}
