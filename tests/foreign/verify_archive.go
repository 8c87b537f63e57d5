// Verify_archive checks an archive of ours (docs/formats.md) with the transparency log packages of
// the Go project, golang.org/x/mod/sumdb/note and golang.org/x/mod/sumdb/tlog, and none of our code.
//
//	verify_archive VKEY FOLDER
//
// It opens the checkpoint with the verifier key, hashes every entry of the entry bundles into a
// tree, compares the tree's root with the checkpoint's, and every tile, byte for byte, with what
// the entries give. Then it proves entries and the first half of the log out of the tiles.
//
// The tiles are compared here and not left to tlog.TileHashReader: before version 0.40 of
// golang.org/x/mod that reader takes tiles which it has not authenticated (CVE-2026-56865).
package main

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const height = 8 // of a tile: 256 hashes

func main() {
	log.SetFlags(0)
	log.SetPrefix("verify_archive: ")
	if len(os.Args) != 3 {
		log.Fatal("usage: verify_archive VKEY FOLDER")
	}
	tree, err := verify(os.Args[1], os.Args[2])
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("OK %d %s\n", tree.N, tree.Hash)
}

// verify returns the tree that the archive in folder holds, signed by the key vkey.
func verify(vkey, folder string) (tlog.Tree, error) {
	tree, err := openCheckpoint(vkey, filepath.Join(folder, "checkpoint"))
	if err != nil {
		return tree, err
	}
	var stored hashes // as tlog numbers them, all computed from the entries
	var records []tlog.Hash
	for _, t := range tiles(tree.N) {
		if t.L != 0 {
			break
		}
		entries, err := readBundle(folder, t)
		if err != nil {
			return tree, err
		}
		for _, entry := range entries {
			added, err := tlog.StoredHashes(int64(len(records)), entry, stored)
			if err != nil {
				return tree, err
			}
			stored = append(stored, added...)
			records = append(records, added[0])
		}
	}
	root, err := tlog.TreeHash(tree.N, stored)
	if err != nil {
		return tree, err
	}
	if root != tree.Hash {
		return tree, fmt.Errorf("the entries have the root %v, the checkpoint says %v", root, tree.Hash)
	}
	for _, t := range tiles(tree.N) {
		want, err := tlog.ReadTileData(t, stored)
		if err != nil {
			return tree, err
		}
		got, err := os.ReadFile(filepath.Join(folder, path(t, strconv.Itoa(t.L))))
		if err != nil {
			return tree, err
		}
		if !bytes.Equal(got, want) {
			return tree, fmt.Errorf("%s is not what the entries give", path(t, strconv.Itoa(t.L)))
		}
	}
	return tree, proveFromTiles(tree, records, folder)
}

// openCheckpoint verifies a signed checkpoint and returns the tree it commits to.
func openCheckpoint(vkey, file string) (tlog.Tree, error) {
	var tree tlog.Tree
	verifier, err := note.NewVerifier(vkey)
	if err != nil {
		return tree, err
	}
	message, err := os.ReadFile(file)
	if err != nil {
		return tree, err
	}
	opened, err := note.Open(message, note.VerifierList(verifier))
	if err != nil {
		return tree, fmt.Errorf("checkpoint: %w", err)
	}
	lines := strings.Split(opened.Text, "\n")
	if len(lines) != 4 || lines[0] != verifier.Name() {
		return tree, fmt.Errorf("checkpoint: not of the log %s", verifier.Name())
	}
	tree.N, err = strconv.ParseInt(lines[1], 10, 64)
	if err != nil || tree.N < 1 || strconv.FormatInt(tree.N, 10) != lines[1] {
		return tree, fmt.Errorf("checkpoint: %q is no size", lines[1])
	}
	root, err := base64.StdEncoding.Strict().DecodeString(lines[2])
	if err != nil || copy(tree.Hash[:], root) != len(root) || len(root) != tlog.HashSize {
		return tree, fmt.Errorf("checkpoint: %q is no root", lines[2])
	}
	return tree, nil
}

// proveFromTiles makes proofs from the tile files and checks them: of some entries' inclusion, and
// of the consistency of the first half with the whole.
func proveFromTiles(tree tlog.Tree, records []tlog.Hash, folder string) error {
	reader := tlog.TileHashReader(tree, tileFiles{folder})
	for _, n := range []int64{0, tree.N / 3, tree.N / 2, tree.N - 1} {
		proof, err := tlog.ProveRecord(tree.N, n, reader)
		if err != nil {
			return err
		}
		if err := tlog.CheckRecord(proof, tree.N, tree.Hash, n, records[n]); err != nil {
			return fmt.Errorf("entry %d: %w", n, err)
		}
	}
	half := (tree.N + 1) / 2
	old, err := tlog.TreeHash(half, reader)
	if err != nil {
		return err
	}
	proof, err := tlog.ProveTree(tree.N, half, reader)
	if err != nil {
		return err
	}
	return tlog.CheckTree(proof, tree.N, tree.Hash, half, old)
}

// hashes is a tlog.HashReader over hashes in memory.
type hashes []tlog.Hash

func (h hashes) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	found := make([]tlog.Hash, len(indexes))
	for i, index := range indexes {
		if index >= int64(len(h)) {
			return nil, fmt.Errorf("the entries end before stored hash %d", index)
		}
		found[i] = h[index]
	}
	return found, nil
}

// tileFiles is a tlog.TileReader over the files of an archive.
type tileFiles struct{ folder string }

func (f tileFiles) Height() int { return height }

func (f tileFiles) SaveTiles([]tlog.Tile, [][]byte) {}

func (f tileFiles) ReadTiles(wanted []tlog.Tile) ([][]byte, error) {
	data := make([][]byte, len(wanted))
	for i, t := range wanted {
		var err error
		data[i], err = os.ReadFile(filepath.Join(f.folder, path(t, strconv.Itoa(t.L))))
		if err != nil {
			return nil, err
		}
	}
	return data, nil
}

// tiles returns every tile of a tree of the given size, those of the lowest level first.
func tiles(size int64) []tlog.Tile {
	var all []tlog.Tile
	for level := 0; size > 0; level++ {
		n := int64(0)
		for ; (n+1)<<height <= size; n++ {
			all = append(all, tlog.Tile{H: height, L: level, N: n, W: 1 << height})
		}
		if rest := size - n<<height; rest > 0 {
			all = append(all, tlog.Tile{H: height, L: level, N: n, W: int(rest)})
		}
		size >>= height
	}
	return all
}

// path returns where C2SP tlog-tiles puts a tile, or the entry bundle beside it: Go's own path, with
// another level and without the height.
func path(t tlog.Tile, level string) string {
	own := fmt.Sprintf("tile/%d/%d/", t.H, t.L)
	return "tile/" + level + "/" + strings.TrimPrefix(t.Path(), own)
}

// readBundle returns the entries of the bundle beside tile t, each after two bytes of length.
func readBundle(folder string, t tlog.Tile) ([][]byte, error) {
	name := path(t, "entries")
	data, err := os.ReadFile(filepath.Join(folder, name))
	if err != nil {
		return nil, err
	}
	var entries [][]byte
	for len(data) > 0 {
		if len(data) < 2 || len(data)-2 < int(binary.BigEndian.Uint16(data)) {
			return nil, fmt.Errorf("%s breaks off inside entry %d", name, len(entries))
		}
		end := 2 + int(binary.BigEndian.Uint16(data))
		entries = append(entries, data[2:end])
		data = data[end:]
	}
	if len(entries) != t.W {
		return nil, fmt.Errorf("%s holds %d entries, not %d", name, len(entries), t.W)
	}
	return entries, nil
}
