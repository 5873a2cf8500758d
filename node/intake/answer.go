package intake

import (
	"encoding/json"
	"fmt"
	"net/http"
)

// answer is what every request gets: a sentence in Chinese and in English, and the state of the file.
type answer struct {
	status    int
	OK        bool     `json:"ok"`
	State     State    `json:"state,omitempty"`
	Offset    *int64   `json:"offset,omitempty"` // bytes that have arrived
	File      string   `json:"file,omitempty"`   // the name under which the file is kept
	Receipt   *Receipt `json:"receipt,omitempty"`
	Message   string   `json:"message"`
	MessageEN string   `json:"message_en"`
}

// State is how far a file has come.
type State string

// The states, in their order. A refused file is not loaded; the receipt says why.
const (
	Receiving State = "receiving"
	Received  State = "received"
	Loaded    State = "loaded"
	Refused   State = "refused"
)

func (a *answer) Error() string { return a.MessageEN }

// no is a refused request.
func no(status int, en, zh string, args ...any) *answer {
	return &answer{status: status, Message: fmt.Sprintf(zh, args...), MessageEN: fmt.Sprintf(en, args...)}
}

func (a *answer) write(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	if a.Offset != nil {
		w.Header().Set("Upload-Offset", fmt.Sprint(*a.Offset))
	}
	w.WriteHeader(a.status)
	_ = json.NewEncoder(w).Encode(a) // the sender has gone when this fails
}
