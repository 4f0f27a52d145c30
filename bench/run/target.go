package main

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"text/template"
	"time"
)

//go:embed scripts
var scripts embed.FS

// echoModule is where Debian keeps the module that answers late; elsewhere it may be part of nginx.
const echoModule = "/usr/lib/nginx/modules/ngx_http_echo_module.so"

// target is the service under test: nginx on a core of its own.
type target struct {
	url    string
	client *http.Client
	cmd    *exec.Cmd
	ended  chan struct{} // closed when nginx has ended
}

// startTarget starts nginx in a folder, which it may fill, and waits until it answers.
func startTarget(ctx context.Context, folder string) (*target, error) {
	listen, err := freeAddress(ctx)
	if err != nil {
		return nil, err
	}
	config := filepath.Join(folder, "nginx.conf")
	if err := writeConfig(config, listen); err != nil {
		return nil, err
	}
	t := &target{url: "http://" + listen, ended: make(chan struct{})}
	// Each count comes over a connection of its own, so that no generator meets one that is idle.
	t.client = &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: 10 * time.Second}
	t.cmd = exec.CommandContext(ctx, "taskset", "-c", serverCore, "nginx", "-p", folder, "-c", config) //nolint:gosec // our own file
	t.cmd.Stderr = os.Stderr
	if err := t.cmd.Start(); err != nil {
		return nil, fmt.Errorf("start nginx: %w", err)
	}
	go func() {
		defer close(t.ended)
		_ = t.cmd.Wait() // it is killed in the end, and says on standard error why it ended before
	}()
	for {
		if _, err := t.count(ctx); err == nil {
			return t, nil
		}
		select {
		case <-t.ended:
			return nil, errors.New("nginx has ended before it answered")
		case <-time.After(50 * time.Millisecond):
		}
	}
}

func writeConfig(path, listen string) error {
	layout, err := template.ParseFS(scripts, "scripts/nginx.conf")
	if err != nil {
		return fmt.Errorf("read the configuration of nginx: %w", err)
	}
	file, err := os.Create(path)
	if err != nil {
		return fmt.Errorf("write the configuration of nginx: %w", err)
	}
	values := struct{ Listen, EchoModule string }{Listen: listen}
	if _, err := os.Stat(echoModule); err == nil {
		values.EchoModule = echoModule
	}
	if err := errors.Join(layout.Execute(file, values), file.Close()); err != nil {
		return fmt.Errorf("write the configuration of nginx: %w", err)
	}
	return nil
}

// freeAddress finds a port on loopback that nobody listens on.
func freeAddress(ctx context.Context) (string, error) {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", fmt.Errorf("find a free port: %w", err)
	}
	defer listener.Close()
	return listener.Addr().String(), nil
}

// stop ends nginx and waits for that.
func (t *target) stop() {
	_ = t.cmd.Process.Kill() // it may have ended
	<-t.ended
}

// count returns how many requests nginx has answered, this one not among them: each count adds one.
func (t *target) count(ctx context.Context) (int64, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, t.url+"/count", http.NoBody)
	if err != nil {
		return 0, fmt.Errorf("ask nginx for its count: %w", err)
	}
	resp, err := t.client.Do(req)
	if err != nil {
		return 0, fmt.Errorf("ask nginx for its count: %w", err)
	}
	defer resp.Body.Close()
	page, err := io.ReadAll(resp.Body)
	if err != nil {
		return 0, fmt.Errorf("read nginx's count: %w", err)
	}
	n, err := parseCount(string(page))
	return n - 1, err
}

var countLine = regexp.MustCompile(`(?m)^ *\d+ +\d+ +(\d+) *$`)

// parseCount finds the number of requests in the page of nginx's stub_status.
func parseCount(page string) (int64, error) {
	found := countLine.FindStringSubmatch(page)
	if found == nil {
		return 0, fmt.Errorf("no count of requests in %q", page)
	}
	return strconv.ParseInt(found[1], 10, 64)
}
