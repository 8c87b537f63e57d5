// Ask_witness is a log that asks a witness for cosignatures (C2SP tlog-witness), made from the
// transparency log packages of the Go project, golang.org/x/mod/sumdb/note and
// golang.org/x/mod/sumdb/tlog, and none of our code.
//
//	ask_witness URL WITNESS-VKEY LOG-SKEY SIZE...
//
// The log has the records 0, 1, 2, ... For each SIZE it proves with tlog.ProveTree that the tree
// continues the one before, signs the checkpoint, posts both, and opens the answer with note.Open
// and a verifier of cosignature/v1 written here from the C2SP page. It prints a line for each:
//
//	200 SIZE SECONDS    cosigned at that time
//	409 SIZE LATEST     the witness has cosigned another size last
//	422 SIZE            the witness does not accept the proof
//
// A SIZE after a minus sign is asked for with the proof of another log, whose records differ.
// A SIZE after a plus sign is asked for as by a log that has forgotten what was cosigned.
package main

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

func main() {
	log.SetFlags(0)
	log.SetPrefix("ask_witness: ")
	if len(os.Args) < 5 {
		log.Fatal("usage: ask_witness URL WITNESS-VKEY LOG-SKEY SIZE...")
	}
	witness, err := newCosignatureVerifier(os.Args[2])
	if err != nil {
		log.Fatal(err)
	}
	signer, err := note.NewSigner(os.Args[3])
	if err != nil {
		log.Fatal(err)
	}
	var old int64
	for _, word := range os.Args[4:] {
		size, err := strconv.ParseInt(strings.TrimLeft(word, "+-"), 10, 64)
		if err != nil {
			log.Fatal(err)
		}
		prefix, from := "", old
		switch word[0] {
		case '-':
			prefix = "another "
		case '+':
			from = 0
		}
		line, err := ask(os.Args[1], witness, signer, prefix, from, size)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(line)
		if strings.HasPrefix(line, "200 ") {
			old = size
		}
	}
}

// ask posts one request and returns the line that tells of its answer.
func ask(url string, witness *cosignatureVerifier, signer note.Signer, prefix string, old, size int64) (string, error) {
	hashes, err := records(prefix, size)
	if err != nil {
		return "", err
	}
	root, err := tlog.TreeHash(size, hashes)
	if err != nil {
		return "", err
	}
	text := fmt.Sprintf("%s\n%d\n%s\n", signer.Name(), size, root)
	checkpoint, err := note.Sign(&note.Note{Text: text}, signer)
	if err != nil {
		return "", err
	}
	body := fmt.Sprintf("old %d\n", old)
	if old > 0 {
		proof, err := tlog.ProveTree(size, old, hashes)
		if err != nil {
			return "", err
		}
		for _, hash := range proof {
			body += hash.String() + "\n"
		}
	}
	body += "\n" + string(checkpoint)
	response, err := http.Post(url+"/add-checkpoint", "text/plain", strings.NewReader(body))
	if err != nil {
		return "", err
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err != nil {
		return "", err
	}
	switch response.StatusCode {
	case http.StatusOK:
		opened, err := note.Open(append([]byte(text+"\n"), answer...), note.VerifierList(witness))
		if err != nil {
			return "", err
		}
		if len(opened.Sigs) != 1 || len(opened.UnverifiedSigs) != 0 {
			return "", errors.New("the answer is not the one line of the witness")
		}
		return fmt.Sprintf("200 %d %d", size, witness.time), nil
	case http.StatusConflict:
		if kind := response.Header.Get("Content-Type"); kind != "text/x.tlog.size" {
			return "", fmt.Errorf("a conflict of the type %s", kind)
		}
		return fmt.Sprintf("409 %d %s", size, bytes.TrimSuffix(answer, []byte("\n"))), nil
	}
	return fmt.Sprintf("%d %d", response.StatusCode, size), nil
}

// records returns the stored hashes of a log of size records.
func records(prefix string, size int64) (storage, error) {
	var stored storage
	for n := int64(0); n < size; n++ {
		added, err := tlog.StoredHashes(n, []byte(prefix+strconv.FormatInt(n, 10)), stored)
		if err != nil {
			return nil, err
		}
		stored = append(stored, added...)
	}
	return stored, nil
}

// storage holds a log's hashes as tlog numbers them.
type storage []tlog.Hash

func (s storage) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	hashes := make([]tlog.Hash, len(indexes))
	for i, index := range indexes {
		hashes[i] = s[index]
	}
	return hashes, nil
}

// cosignatureVerifier verifies the Ed25519 cosignature/v1 of C2SP tlog-cosignature.
type cosignatureVerifier struct {
	name string
	hash uint32
	key  ed25519.PublicKey
	time uint64 // of the cosignature that was verified last
}

// newCosignatureVerifier reads a verifier key of type 0x04.
func newCosignatureVerifier(vkey string) (*cosignatureVerifier, error) {
	parts := strings.SplitN(vkey, "+", 3)
	if len(parts) != 3 {
		return nil, errors.New("not a verifier key")
	}
	material, err := base64.StdEncoding.DecodeString(parts[2])
	if err != nil {
		return nil, err
	}
	if len(material) != 1+ed25519.PublicKeySize || material[0] != 4 {
		return nil, errors.New("not the key of a witness")
	}
	sum := sha256.Sum256(append([]byte(parts[0]+"\n"), material...))
	hash := binary.BigEndian.Uint32(sum[:])
	if fmt.Sprintf("%08x", hash) != parts[1] {
		return nil, errors.New("the key has another id")
	}
	return &cosignatureVerifier{name: parts[0], hash: hash, key: material[1:]}, nil
}

func (v *cosignatureVerifier) Name() string    { return v.name }
func (v *cosignatureVerifier) KeyHash() uint32 { return v.hash }

func (v *cosignatureVerifier) Verify(msg, sig []byte) bool {
	if len(sig) != 8+ed25519.SignatureSize {
		return false
	}
	v.time = binary.BigEndian.Uint64(sig)
	signed := fmt.Sprintf("cosignature/v1\ntime %d\n%s", v.time, msg)
	return ed25519.Verify(v.key, []byte(signed), sig[8:])
}
