package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"time"

	"github.com/yidaitong/yidaitong/node"
	"github.com/yidaitong/yidaitong/node/delivery"
	"github.com/yidaitong/yidaitong/node/intake"
)

func runNodeReceive(ctx context.Context, c *console, args []string) error {
	fs := newFlags(c, "node receive", `node receive --node D --listen ADDR --cert F --key F --clients F

Takes deliveries over HTTPS inside the government network, and loads them. Every department's system shows a certificate that an authority in
--clients has signed and whose common name is the department's code; it may send its own catalogues only. See docs/data-onboarding.md, Push.

examples:
  yidaitong node receive --node D/node --listen 10.0.0.8:8444 --cert node.crt --key node.key --clients departments-ca.crt
  curl --cert tax.crt --key tax.key --cacert node-ca.crt -T tax_payment_20261016.csv \
    -H "Repr-Digest: sha-256=:$(openssl dgst -sha256 -binary tax_payment_20261016.csv | base64):" \
    https://10.0.0.8:8444/v1/catalogues/tax_payment/files/tax_payment_20261016.csv`)
	var f nodeFlags
	f.add(fs)
	listen := fs.String("listen", "", "the `address` to listen on, inside the government network")
	cert := fs.String("cert", "", "the node's certificate, a PEM `file`")
	key := fs.String("key", "", "the certificate's private key, a PEM `file`")
	clients := fs.String("clients", "", "the authorities that sign departments' certificates, a PEM `file`")
	largest := fs.Int64("max", 8192, "`megabytes` that one file may have")
	rest, err := parseFlags(fs, args)
	if err != nil {
		return err
	}
	if f.dir == "" || *listen == "" || *cert == "" || *key == "" || *clients == "" || *largest < 1 || len(rest) > 0 {
		return usagef("node receive needs --node, --listen, --cert, --key and --clients, as in 'yidaitong node receive --node D/node --listen 10.0.0.8:8444 --cert node.crt --key node.key --clients ca.crt'")
	}
	secure, err := receiverTLS(*cert, *key, *clients)
	if err != nil {
		return err
	}
	if _, err := os.Stat(filepath.Join(f.dir, "node.json")); err != nil {
		return fmt.Errorf("%s is not a node's folder; make it one with 'yidaitong node init'", f.dir)
	}
	contracts, err := node.Contracts(f.dir, f.catalogs)
	if err != nil {
		return err
	}
	r, err := intake.NewReceiver(intake.Options{Node: f.dir, Catalogs: contracts, MaxBytes: *largest << 20, Clock: time.Now,
		Logger: slog.New(slog.NewTextHandler(c.err, nil)), Load: f.loadOneByOne})
	if err != nil {
		return err
	}
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", *listen)
	if err != nil {
		return errors.Join(fmt.Errorf("listen on %s: %w", *listen, err), r.Close())
	}
	fmt.Fprintf(c.err, "receiving on https://%s\n", listener.Addr())
	return errors.Join(r.Serve(ctx, listener, secure), r.Close())
}

func receiverTLS(cert, key, clients string) (*tls.Config, error) {
	own, err := tls.LoadX509KeyPair(cert, key)
	if err != nil {
		return nil, fmt.Errorf("read the node's certificate %s and key %s: %w", cert, key, err)
	}
	text, err := os.ReadFile(clients)
	if err != nil {
		return nil, fmt.Errorf("read the authorities of the departments: %w", err)
	}
	authorities := x509.NewCertPool()
	if !authorities.AppendCertsFromPEM(text) {
		return nil, fmt.Errorf("%s holds no certificate in PEM; give the file of the authority that signs the departments' certificates", clients)
	}
	return intake.TLS(own, authorities), nil
}

// loadOneByOne loads files into the node, which is open only meanwhile.
func (f nodeFlags) loadOneByOne(ctx context.Context, paths []string, each func(string, delivery.LoadReport) error) error {
	return withNode(ctx, f, func(n *node.Node) error {
		for _, path := range paths {
			report, err := n.Load(ctx, []string{path}, nil)
			if err != nil {
				return err
			}
			if err := each(path, report); err != nil {
				return err
			}
		}
		return nil
	})
}
