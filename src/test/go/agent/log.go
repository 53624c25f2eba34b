package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

// containerLog is where `nerdctl logs` looks, whoever made the container: one folder a container below one a socket, with
// a file that names the logging driver and one with the log.
type containerLog struct {
	folder  string
	file    string
	address string

	lock    sync.Mutex
	output  *os.File
	streams []*logStream
}

func newContainerLog(dataRoot, address, namespace, id string) (*containerLog, error) {
	// nerdctl hashes what the path leads to, so that two names of one socket share their logs
	socket, err := filepath.EvalSymlinks(strings.TrimPrefix(address, "unix://"))
	if err != nil {
		return nil, err
	}
	hash := sha256.Sum256([]byte(socket))
	folder := filepath.Join(dataRoot, hex.EncodeToString(hash[:4]), "containers", namespace, id)
	return &containerLog{folder: folder, file: filepath.Join(folder, id+"-json.log"), address: "unix://" + socket}, nil
}

func (c *containerLog) open() error {
	config, err := json.Marshal(map[string]any{"driver": "json-file", "opts": map[string]string{}, "address": c.address})
	if err != nil {
		return err
	}
	if err := os.MkdirAll(c.folder, 0o700); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(c.folder, "log-config.json"), config, 0o600); err != nil {
		return err
	}
	c.output, err = os.OpenFile(c.file, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	return err
}

func (c *containerLog) stream(name string) io.Writer {
	stream := &logStream{log: c, name: name}
	c.streams = append(c.streams, stream)
	return stream
}

// close comes after the task is deleted: by then its output has been read to the end.
func (c *containerLog) close() {
	for _, stream := range c.streams {
		stream.flush()
	}
	if err := c.output.Close(); err != nil {
		warn("cannot close %s: %v", c.file, err)
	}
}

func (c *containerLog) remove() {
	if err := os.RemoveAll(c.folder); err != nil {
		warn("cannot remove %s: %v", c.folder, err)
	}
}

// logStream makes one record of each line, with its newline.
type logStream struct {
	log  *containerLog
	name string
	rest bytes.Buffer
}

func (s *logStream) Write(data []byte) (int, error) {
	s.log.lock.Lock()
	defer s.log.lock.Unlock()
	s.rest.Write(data)
	for {
		end := bytes.IndexByte(s.rest.Bytes(), '\n')
		if end < 0 {
			return len(data), nil
		}
		if err := s.record(string(s.rest.Next(end + 1))); err != nil {
			return len(data), err
		}
	}
}

func (s *logStream) flush() {
	s.log.lock.Lock()
	defer s.log.lock.Unlock()
	if s.rest.Len() == 0 {
		return
	}
	if err := s.record(s.rest.String()); err != nil {
		warn("cannot log: %v", err)
	}
}

func (s *logStream) record(line string) error {
	return json.NewEncoder(s.log.output).Encode(struct {
		Log    string    `json:"log"`
		Stream string    `json:"stream"`
		Time   time.Time `json:"time"`
	}{line, s.name, time.Now().UTC()})
}
