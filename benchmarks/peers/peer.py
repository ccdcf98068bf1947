"""Run one peer over pools: `python peer.py PEER POOL.json… --models DIR --cache DIR --out DIR` (in the peers' environment).

Every peer gets the same passages (headline, line feed, text) and questions and ranks ten passages for each. All
four encode with `SentenceTransformer.encode` on the CPU and read with the starting reader; a second time our int8 encoder
stands in its place, and our reader in that one's. Vectors of passages are kept in `--cache`, so that a run that is stopped goes on; what encoding costs is measured apart, on
SPEED passages without the cache. Times are wall and processor time; the latter is steadier on a busy machine.
"""

# ruff: noqa: D102 - the protocol says what the methods do

import argparse
import hashlib
import json
import os
import sqlite3
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any, Protocol

ENVIRONMENT = {
    "HF_HUB_OFFLINE": "1",
    "TOKENIZERS_PARALLELISM": "false",
    "HAYSTACK_TELEMETRY_ENABLED": "False",
    "ANONYMIZED_TELEMETRY": "False",
    "TQDM_DISABLE": "1",
    "OMP_NUM_THREADS": "1",
}
if __name__ == "__main__":  # before anything of theirs is imported
    os.environ |= ENVIRONMENT

import numpy as np  # noqa: E402 - see above

DEPTH = 10
READ = 5
SPEED = 48
Row = dict[str, Any]


class Peer(Protocol):
    """What a framework does: `answer` is [] where it has no reader."""

    packages: tuple[str, ...]

    def read_with(self, reader: str) -> None:
        """Answer with the starting reader ("float") or with ours."""
        ...

    def build(self, passages: Sequence[Row]) -> None:
        """Index the passages."""
        ...

    def save(self, folder: Path) -> None:
        """Write the index, as far as the framework can."""
        ...

    def load(self, folder: Path, passages: Sequence[Row]) -> None:
        """Read the index; what cannot be stored is made anew from the passages."""
        ...

    def search(self, question: str) -> list[int]:
        """Return the ids of the best passages, best first."""
        ...

    def answer(self, question: str) -> list[Row]:
        """Return the best answers: id of the passage, start and end in its content, score where there is one.

        One without `id` is the peer's own score of there being no answer.
        """
        ...


def content(passage: Row) -> str:
    """Return what is indexed of a passage: its headline, if it has one, and its text."""
    return f"{passage['title']}\n{passage['text']}" if passage["title"] else str(passage["text"])


class LangChain:
    """FAISS and BM25 over words of jieba, joined by EnsembleRetriever (reciprocal ranks, equal weights)."""

    packages: tuple[str, ...] = (
        "langchain-core",
        "langchain-classic",
        "langchain-community",
        "langchain-huggingface",
        "rank-bm25",
    )

    def __init__(self, models: Path) -> None:
        from langchain_huggingface import HuggingFaceEmbeddings

        plain = {"normalize_embeddings": True}
        self.embeddings = HuggingFaceEmbeddings(
            model_name=str(models / "encoder"),
            model_kwargs={"device": "cpu"},
            encode_kwargs={**plain, "prompt": "passage: "},
            query_encode_kwargs={**plain, "prompt": "query: "},
        )

    def build(self, passages: Sequence[Row]) -> None:
        from langchain_community.vectorstores import FAISS

        documents = self._documents(passages)
        self.store = FAISS.from_documents(documents, self.embeddings)
        self._join(documents)

    def save(self, folder: Path) -> None:
        self.store.save_local(str(folder))

    def load(self, folder: Path, passages: Sequence[Row]) -> None:
        from langchain_community.vectorstores import FAISS

        self.store = FAISS.load_local(str(folder), self.embeddings, allow_dangerous_deserialization=True)
        self._join(self._documents(passages))

    def _documents(self, passages: Sequence[Row]) -> list[Any]:
        from langchain_core.documents import Document

        return [Document(content(one), metadata={"id": one["id"]}) for one in passages]

    def _join(self, documents: list[Any]) -> None:
        import jieba
        from langchain_classic.retrievers import EnsembleRetriever
        from langchain_community.retrievers import BM25Retriever

        words = BM25Retriever.from_documents(documents, preprocess_func=jieba.lcut, k=DEPTH)
        dense = self.store.as_retriever(search_kwargs={"k": DEPTH})
        self.retriever = EnsembleRetriever(retrievers=[words, dense], weights=[0.5, 0.5])

    def search(self, question: str) -> list[int]:
        return [one.metadata["id"] for one in self.retriever.invoke(question)]

    def read_with(self, reader: str) -> None:
        pass

    def answer(self, question: str) -> list[Row]:
        return []


class LlamaIndex:
    """VectorStoreIndex on FAISS and BM25Retriever, joined by QueryFusionRetriever (reciprocal ranks, no rewriting).

    Its BM25 cuts by a pattern: here every Chinese character by itself and Latin words whole.
    """

    packages: tuple[str, ...] = (
        "llama-index-core",
        "llama-index-retrievers-bm25",
        "llama-index-embeddings-huggingface",
        "llama-index-vector-stores-faiss",
    )
    pattern = r"(?u)[\u4e00-\u9fff]|[^\W\u4e00-\u9fff]+"

    def __init__(self, models: Path) -> None:
        from llama_index.embeddings.huggingface import HuggingFaceEmbedding

        self.embeddings = HuggingFaceEmbedding(
            model_name=str(models / "encoder"),
            device="cpu",
            query_instruction="query: ",
            text_instruction="passage: ",
            embed_batch_size=32,
        )

    def build(self, passages: Sequence[Row]) -> None:
        import faiss
        from llama_index.core import StorageContext, VectorStoreIndex
        from llama_index.retrievers.bm25 import BM25Retriever
        from llama_index.vector_stores.faiss import FaissVectorStore

        nodes = self._nodes(passages)
        store = FaissVectorStore(faiss_index=faiss.IndexFlatIP(384))
        context = StorageContext.from_defaults(vector_store=store)
        self.index = VectorStoreIndex(nodes, storage_context=context, embed_model=self.embeddings)
        self.words = BM25Retriever.from_defaults(
            nodes=nodes, similarity_top_k=DEPTH, skip_stemming=True, language="zh", token_pattern=self.pattern
        )
        self._join()

    def save(self, folder: Path) -> None:
        self.index.storage_context.persist(str(folder))
        self.words.persist(str(folder / "bm25"))

    def load(self, folder: Path, passages: Sequence[Row]) -> None:
        from llama_index.core import StorageContext, load_index_from_storage
        from llama_index.retrievers.bm25 import BM25Retriever
        from llama_index.vector_stores.faiss import FaissVectorStore

        store = FaissVectorStore.from_persist_dir(str(folder))
        context = StorageContext.from_defaults(vector_store=store, persist_dir=str(folder))
        self.index = load_index_from_storage(context, embed_model=self.embeddings)
        self.words = BM25Retriever.from_persist_dir(str(folder / "bm25"))
        self._join()

    def _nodes(self, passages: Sequence[Row]) -> list[Any]:
        from llama_index.core.schema import TextNode

        return [TextNode(text=content(one), id_=str(one["id"])) for one in passages]

    def _join(self) -> None:
        from llama_index.core.llms import MockLLM
        from llama_index.core.retrievers import QueryFusionRetriever

        self.retriever = QueryFusionRetriever(
            [self.index.as_retriever(similarity_top_k=DEPTH), self.words],
            llm=MockLLM(),
            mode="reciprocal_rerank",
            similarity_top_k=DEPTH,
            num_queries=1,
            use_async=False,
        )

    def search(self, question: str) -> list[int]:
        return [int(one.node.node_id) for one in self.retriever.retrieve(question)]

    def read_with(self, reader: str) -> None:
        pass

    def answer(self, question: str) -> list[Row]:
        return []


class Haystack:
    """InMemoryDocumentStore (BM25 as it comes, one Chinese character a token), both retrievers joined by reciprocal ranks.

    The extractive reader reads the five best; what it says of there being no answer is kept.
    """

    packages: tuple[str, ...] = ("haystack-ai", "sentence-transformers-haystack", "transformers-haystack")

    def __init__(self, models: Path) -> None:
        from haystack_integrations.components.embedders.sentence_transformers import (
            SentenceTransformersDocumentEmbedder,
            SentenceTransformersTextEmbedder,
        )

        folder = str(models / "encoder")
        plain = {"normalize_embeddings": True, "progress_bar": False}
        self.documents = SentenceTransformersDocumentEmbedder(model=folder, prefix="passage: ", **plain)
        self.text = SentenceTransformersTextEmbedder(model=folder, prefix="query: ", **plain)
        self.models = models
        self.documents.warm_up()
        self.text.warm_up()
        self.read_with("float")

    def read_with(self, reader: str) -> None:
        from haystack_integrations.components.readers.transformers import TransformersExtractiveReader

        folder = str(self.models / f"reader-{reader}")
        self.reader = TransformersExtractiveReader(model=folder, top_k=2, no_answer=True)

    def build(self, passages: Sequence[Row]) -> None:
        from haystack import Document
        from haystack.document_stores.in_memory import InMemoryDocumentStore

        made = [Document(content=content(one), meta={"id": one["id"]}) for one in passages]
        self.store = InMemoryDocumentStore()
        self.store.write_documents(self.documents.run(made)["documents"])
        self._join()

    def save(self, folder: Path) -> None:
        self.store.save_to_disk(str(folder / "store.json"))

    def load(self, folder: Path, passages: Sequence[Row]) -> None:
        from haystack.document_stores.in_memory import InMemoryDocumentStore

        self.store = InMemoryDocumentStore.load_from_disk(str(folder / "store.json"))
        self._join()

    def _join(self) -> None:
        from haystack.components.joiners import DocumentJoiner
        from haystack.components.retrievers.in_memory import InMemoryBM25Retriever, InMemoryEmbeddingRetriever

        self.words = InMemoryBM25Retriever(self.store, top_k=DEPTH)
        self.dense = InMemoryEmbeddingRetriever(self.store, top_k=DEPTH)
        self.joiner = DocumentJoiner(join_mode="reciprocal_rank_fusion", top_k=DEPTH)

    def _found(self, question: str) -> list[Any]:
        vector = self.text.run(question)["embedding"]
        legs = [self.words.run(question)["documents"], self.dense.run(vector)["documents"]]
        found: list[Any] = self.joiner.run(legs)["documents"]
        return found

    def search(self, question: str) -> list[int]:
        return [one.meta["id"] for one in self._found(question)]

    def answer(self, question: str) -> list[Row]:
        self.reader.warm_up()
        found = self.reader.run(query=f"query: {question}", documents=self._found(question)[:READ])["answers"]
        return [
            {
                "id": one.document.meta["id"],
                "start": one.document_offset.start,
                "end": one.document_offset.end,
                "score": one.score,
            }
            if one.document is not None and one.document_offset is not None
            else {"id": None, "score": one.score}
            for one in found
        ]


class Txtai:
    """Embeddings with hybrid search (BM25 over pairs of characters, normalised, and vectors; equal weights).

    It asks for the encoder's own prompts. The answer comes from its extractive pipeline over the five best; that gives no
    score, and none where its best is below .05.
    """

    packages: tuple[str, ...] = ("txtai",)

    def __init__(self, models: Path) -> None:
        self.models = models
        self.questions: Any = None
        self.read_with("float")

    def read_with(self, reader: str) -> None:
        self.reader, self.questions = str(self.models / f"reader-{reader}"), None

    def _config(self) -> Row:
        return {
            "path": str(self.models / "encoder"),
            "method": "sentence-transformers",
            "gpu": False,
            "content": True,
            "hybrid": True,
            "scoring": {
                "method": "bm25",
                "terms": True,
                "normalize": True,
                "tokenizer": {"ngrams": 2},
            },
        }

    def build(self, passages: Sequence[Row]) -> None:
        from txtai import Embeddings

        self.embeddings = Embeddings(self._config())
        self.embeddings.index([(one["id"], content(one), None) for one in passages])

    def save(self, folder: Path) -> None:
        self.embeddings.save(str(folder / "index"))

    def load(self, folder: Path, passages: Sequence[Row]) -> None:
        from txtai import Embeddings

        self.embeddings = Embeddings()
        self.embeddings.load(str(folder / "index"))

    def search(self, question: str) -> list[int]:
        return [int(one["id"]) for one in self.embeddings.search(question, DEPTH)]

    def answer(self, question: str) -> list[Row]:
        from txtai.pipeline import Questions

        self.questions = self.questions or Questions(self.reader, gpu=False)
        found = self.embeddings.search(question, READ)
        texts = [one["text"] for one in found]
        said = [self._said(f"query: {question}", text) for text in texts]
        rows = []
        for one, answer in zip(found, said, strict=True):
            start = one["text"].find(answer) if answer else -1
            if answer and start >= 0:
                rows.append({"id": int(one["id"]), "start": start, "end": start + len(answer)})
        return rows[:2]

    def _said(self, question: str, text: str) -> str | None:
        try:
            answer: str | None = self.questions([question], [text])[0]
        except TypeError:  # the pipeline knows no reader that says "not here"
            return None
        return answer


PEERS: dict[str, Callable[[Path], Peer]] = {
    "LangChain": LangChain,
    "LlamaIndex": LlamaIndex,
    "Haystack": Haystack,
    "txtai": Txtai,
}


class Encoding:
    """Stands in front of `SentenceTransformer.encode`: keeps the vectors of passages, or lets our encoder do it."""

    def __init__(self, cache: Path) -> None:
        from sentence_transformers import SentenceTransformer

        self.plain = SentenceTransformer.encode
        self.ours: Any = None
        cache.mkdir(parents=True, exist_ok=True)
        self.rows = sqlite3.connect(cache / "vectors.db", timeout=60)
        self.rows.execute("CREATE TABLE IF NOT EXISTS vectors (digest BLOB PRIMARY KEY, value BLOB)")
        self.keeps = True
        stand = self

        def encode(model: Any, *args: Any, **options: Any) -> Any:
            texts = args[0] if args else options.pop("inputs", None) or options.pop("sentences")
            return stand.encode(model, texts, **options)

        SentenceTransformer.encode = encode  # type: ignore[method-assign, assignment]

    def by_ours(self) -> None:
        """Let our encoder do it from now on."""
        self.ours = _our_encoder()

    def encode(self, model: Any, sentences: Any, **options: Any) -> Any:
        """Return the vectors in the form that was asked for: one of a text, rows of a list."""
        alone = isinstance(sentences, str)
        prompt = (
            options.get("prompt") or (model.prompts or {}).get(options.get("prompt_name") or "", "") or ""
        )
        texts = [prompt + text for text in ([sentences] if alone else list(sentences))]
        found = self.vectors(model, texts)
        return found[0] if alone else found

    def vectors(self, model: Any, texts: Sequence[str]) -> Any:
        """Return the vectors of texts that carry their prompt."""
        if not self.keeps or all(text.startswith("query: ") for text in texts):
            return self._made(model, texts)
        starts = list(range(0, len(texts), 32))
        first = os.getpid() % max(1, len(starts))  # processes that run together share the work
        for start in starts[first:] + starts[:first]:
            self._keep(model, [t for t in texts[start : start + 32] if self._known(t) is None])
        return np.stack([np.frombuffer(self._known(text), np.float32) for text in texts])

    def _keep(self, model: Any, texts: Sequence[str]) -> None:
        if texts:
            made = self._made(model, texts).astype(np.float32)
            with self.rows:
                pairs = [
                    (self._key(text), vector.tobytes()) for text, vector in zip(texts, made, strict=True)
                ]
                self.rows.executemany("INSERT OR IGNORE INTO vectors VALUES (?, ?)", pairs)

    def _known(self, text: str) -> Any:
        row = self.rows.execute("SELECT value FROM vectors WHERE digest = ?", (self._key(text),)).fetchone()
        return row and row[0]

    def _key(self, text: str) -> bytes:
        return hashlib.sha256(f"{self.ours is not None}{text}".encode()).digest()[:16]

    def _made(self, model: Any, texts: Sequence[str]) -> Any:
        if self.ours is not None:
            return self.ours.vectors(self.ours.token_ids(texts))
        return self.plain(
            model, list(texts), prompt="", batch_size=32, normalize_embeddings=True, show_progress_bar=False
        )


def _our_encoder() -> Any:
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
    from rag.models.embedder import OnnxEncoder

    return OnnxEncoder()


def clocks() -> tuple[float, float]:
    """Return the seconds of the wall clock and of the processor."""
    return time.perf_counter(), time.process_time()


def since(began: tuple[float, float], unit: float = 1.0) -> Row:
    """Return what has passed since, in seconds divided by `unit`."""
    return {
        "wall": round((time.perf_counter() - began[0]) / unit, 3),
        "cpu": round((time.process_time() - began[1]) / unit, 3),
    }


def resident() -> float:
    """Return the megabytes of memory that this process holds."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return round(pages * os.sysconf("SC_PAGE_SIZE") / 1e6)


def run(peer: Peer, encoding: Encoding, pool: Row, folder: Path | None) -> Iterator[tuple[str, Any]]:
    """Yield what was measured, name by name."""
    encoding.keeps = False
    sample = pool["passages"][:: max(1, len(pool["passages"]) // SPEED)][:SPEED]
    peer.build(sample)
    began = clocks()
    peer.build(sample)
    yield "build_sample", {**since(began), "passages": len(sample)}
    encoding.keeps = True
    peer.build(pool["passages"])  # fills the cache
    began = clocks()
    peer.build(pool["passages"])
    yield "build_without_encoding", {**since(began), "passages": len(pool["passages"])}
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
        peer.save(folder)
    peer.search(pool["questions"][0]["question"])
    yield "resident_mb", resident()
    yield "rows", [_row(peer, one) for one in pool["questions"]]
    yield "resident_with_reader_mb", resident()


def _row(peer: Peer, question: Row) -> Row:
    began = clocks()
    ranked = peer.search(question["question"])[:DEPTH]
    search = since(began, 1e-3)
    began = clocks()
    answers = peer.answer(question["question"])
    times = {"search_ms": search, "answer_ms": since(began, 1e-3)}
    return {"id": question["id"], "ranked": ranked, "answers": answers, **times}


def cold(peer: Peer, pool: Row, folder: Path) -> None:
    """Answer the first question of the pool from the stored index."""
    peer.load(folder, pool["passages"])
    question = pool["questions"][0]["question"]
    if not peer.answer(question):
        peer.search(question)


def main() -> None:
    """Read the command line, measure, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("peer", choices=PEERS)
    parser.add_argument("pools", type=Path, nargs="+")
    parser.add_argument("--models", type=Path, required=True)
    parser.add_argument("--cache", type=Path, required=True)
    parser.add_argument(
        "--cold", action="store_true", help="only answer a first question from the stored index"
    )
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    encoding = Encoding(options.cache)
    if options.cold:
        folder = options.cache / "indexes" / f"{options.pools[0].stem}-{options.peer}"
        cold(PEERS[options.peer](options.models), read(options.pools[0]), folder)
        return
    peer = PEERS[options.peer](options.models)
    for encoder in ("float", "ours"):
        peer.read_with(encoder)
        if encoder == "ours":
            encoding.by_ours()
        for path in options.pools:
            out = options.out / f"{path.stem}-{options.peer}-{encoder}.json"
            if not out.exists():
                folder = options.cache / "indexes" / f"{path.stem}-{options.peer}"
                found = dict(run(peer, encoding, read(path), folder if encoder == "float" else None))
                names = (*peer.packages, "sentence-transformers", "transformers", "torch", "faiss-cpu")
                found["versions"] = {name: version(name) for name in names}
                out.parent.mkdir(parents=True, exist_ok=True)
                out.write_text(json.dumps(found, ensure_ascii=False), encoding="utf-8")


def read(path: Path) -> Row:
    """Return a pool as `pools.py` wrote it."""
    found: Row = json.loads(path.read_text(encoding="utf-8"))
    return found


if __name__ == "__main__":
    main()
