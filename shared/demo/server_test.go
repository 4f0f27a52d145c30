package demo

import (
	"context"
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func get(ctx context.Context, client *http.Client, url string) (int, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
	if err != nil {
		return 0, err
	}
	response, err := client.Do(r)
	if err != nil {
		return 0, err
	}
	defer response.Body.Close()
	_, err = io.Copy(io.Discard, response.Body)
	return response.StatusCode, err
}

func TestServerAnswersUntilItsContextEnds(t *testing.T) {
	t.Parallel()
	server, err := Listen(t.Context(), "", Config{})
	require.NoError(t, err)
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- server.Run(ctx) }()

	client := &http.Client{Transport: &http.Transport{}}
	defer client.CloseIdleConnections()
	status, err := get(t.Context(), client, server.URL()+"/health")
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, status)

	stop()
	require.NoError(t, <-done)
	_, err = get(t.Context(), client, server.URL()+"/health")
	require.Error(t, err)
}

func TestStoppingCutsDelaysShort(t *testing.T) {
	t.Parallel()
	server, err := Listen(t.Context(), "", Config{Delay: time.Hour})
	require.NoError(t, err)
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- server.Run(ctx) }()

	client := &http.Client{Transport: &http.Transport{}}
	defer client.CloseIdleConnections()
	answered := make(chan int, 1)
	go func() {
		status, _ := get(context.WithoutCancel(t.Context()), client, server.URL()+"/health")
		answered <- status
	}()
	require.Eventually(t, func() bool { return server.shop.requests.Load() == 1 }, 10*time.Second, time.Millisecond)
	stop()
	require.NoError(t, <-done)
	require.Equal(t, http.StatusServiceUnavailable, <-answered)
}

func TestListenRefusesATakenPort(t *testing.T) {
	t.Parallel()
	first, err := Listen(t.Context(), "", Config{})
	require.NoError(t, err)
	defer first.listener.Close()
	_, err = Listen(t.Context(), first.listener.Addr().String(), Config{})
	require.ErrorContains(t, err, "demo: listen")
}
