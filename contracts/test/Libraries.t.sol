// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {MerkleProof} from "@openzeppelin/contracts/utils/cryptography/MerkleProof.sol";
import {BitMaps} from "@openzeppelin/contracts/utils/structs/BitMaps.sol";
import {IReceipts} from "../src/interfaces/IReceipts.sol";
import {BatchTree} from "../src/libraries/BatchTree.sol";
import {CommitHash} from "../src/libraries/CommitHash.sol";
import {CompactSignature} from "../src/libraries/CompactSignature.sol";
import {SequenceBitmap} from "../src/libraries/SequenceBitmap.sol";
import {Parties} from "../src/types/Parties.sol";
import {Terms} from "../src/types/Terms.sol";
import {proveLeaf} from "./support/TreeReference.sol";
import {assertEq, assertTrue, bound, signCompact, vm} from "./support/Vm.sol";

contract BatchTreeTest {
    function testFuzz_everyLeafIsProvable(uint256 seed, uint16 size, uint16 which) public pure {
        uint256 count = bound(size, 1, 70);
        uint256 position = bound(which, 0, count - 1);
        bytes32 root = BatchTree.consume(_leaves(seed, count), count);
        bytes32[] memory proof = proveLeaf(_leaves(seed, count), position);
        bytes32 leaf = _leaves(seed, count)[position];
        assertTrue(MerkleProof.verify(proof, root, leaf), "leaf is in the tree");
        bytes32 stranger = keccak256(abi.encode(leaf));
        assertTrue(!MerkleProof.verify(proof, root, stranger), "another leaf is not");
    }

    function test_oneLeafIsTheRoot() public pure {
        assertEq(BatchTree.consume(_leaves(1, 1), 1), _leaves(1, 1)[0]);
    }

    function testFuzz_unusedPlacesDoNotMatter(uint256 seed, uint8 size, uint8 spare) public pure {
        uint256 count = bound(size, 1, 60);
        bytes32[] memory longer = _leaves(seed, count + bound(spare, 0, 20));
        assertEq(BatchTree.consume(longer, count), BatchTree.consume(_leaves(seed, count), count));
    }

    function _leaves(uint256 seed, uint256 count) private pure returns (bytes32[] memory leaves) {
        leaves = new bytes32[](count);
        for (uint256 i = 0; i < count; ++i) leaves[i] = keccak256(abi.encode(seed, i));
    }
}

contract SequenceBitmapTest {
    using BitMaps for BitMaps.BitMap;
    using SequenceBitmap for SequenceBitmap.Bitmap;
    using SequenceBitmap for SequenceBitmap.Cursor;

    SequenceBitmap.Bitmap private _bitmap;
    mapping(uint32 nodeId => BitMaps.BitMap numbers) private _reference;

    function testFuzz_agreesWithOpenZeppelin(
        uint32[2] memory nodes,
        uint16[40] memory steps
    ) public {
        SequenceBitmap.Cursor memory cursor;
        cursor.key = SequenceBitmap.NOWHERE;
        for (uint256 i = 0; i < steps.length; ++i) {
            uint32 node = nodes[i % 2];
            uint64 sequence = steps[i] % 700;
            bool isTaken = _bitmap.seek(cursor, node, sequence);
            assertTrue(isTaken == _reference[node].get(sequence), "seek");
            if (i % 3 != 0) {
                cursor.mark(sequence);
                _reference[node].set(sequence);
            }
        }
        _bitmap.flush(cursor);
        for (uint256 i = 0; i < steps.length; ++i) {
            uint64 sequence = steps[i] % 700;
            assertTrue(
                _bitmap.isSet(nodes[0], sequence) == _reference[nodes[0]].get(sequence),
                "isSet"
            );
        }
    }

    function testFuzz_set(uint32 node, uint64 sequence) public {
        assertTrue(!_bitmap.isSet(node, sequence), "free at first");
        _bitmap.set(node, sequence);
        assertTrue(_bitmap.isSet(node, sequence), "taken");
        assertTrue(!_bitmap.isSet(node, sequence ^ 1), "neighbour free");
        assertTrue(!_bitmap.isSet(node ^ 1, sequence), "other node free");
    }
}

contract CommitHashTest {
    using CommitHash for IReceipts.Commit;
    using CommitHash for IReceipts.PackedCommit;

    function testFuzz_bothFormsHashAlike(IReceipts.Commit memory commit) public view {
        Parties parties = Parties.wrap((uint256(commit.clientId) << 32) | commit.nodeId);
        IReceipts.PackedCommit memory packed = IReceipts.PackedCommit({
            objectId: commit.objectId,
            headerHash: commit.headerHash,
            root: commit.root,
            terms: commit.termsOf(),
            parties: parties,
            r: 0,
            vs: 0
        });
        assertEq(this.hashPacked(packed), commit.hash());
    }

    function testFuzz_termsKeepEveryField(IReceipts.Commit memory commit) public pure {
        Terms terms = commit.termsOf();
        assertEq(terms.streamBytes(), commit.streamBytes);
        assertEq(terms.expiry(), commit.expiry);
        assertEq(terms.sequence(), commit.sequence);
        assertEq(terms.classCode(), commit.classCode);
        assertEq(terms.index(), commit.index);
        assertEq(terms.k(), commit.k);
        assertEq(terms.m(), commit.m);
        assertEq(terms.level(), commit.level);
        assertEq(terms.flags(), commit.flags);
    }

    function testFuzz_wellFormedMeansAnIndexAmongTheStrips(uint256 word) public pure {
        Terms terms = Terms.wrap(word);
        if (!terms.isWellFormed()) return;
        assertTrue(terms.k() > 0 && terms.index() < 255, "well formed");
        assertTrue(word >> 248 == 0, "no spare bits");
    }

    function hashPacked(IReceipts.PackedCommit calldata packed) external pure returns (bytes32) {
        return packed.hash();
    }
}

contract CompactSignatureTest {
    using CompactSignature for bytes32;

    uint256 private constant HALF_ORDER =
        0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0;
    uint256 private constant ORDER =
        0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141;

    function testFuzz_acceptsOnlyItsSigner(uint256 key, bytes32 digest) public pure {
        key = bound(key, 1, ORDER - 1);
        (bytes32 r, bytes32 vs) = signCompact(key, digest);
        assertTrue(digest.isBy(r, vs, vm.addr(key)), "own signature");
        assertTrue(!keccak256(abi.encode(digest)).isBy(r, vs, vm.addr(key)), "other digest");
        assertTrue(!digest.isBy(r, vs, address(1)), "other signer");
    }

    function testFuzz_refusesTheOtherFormOfASignature(bytes32 digest) public pure {
        (bytes32 r, bytes32 vs) = signCompact(7, digest);
        uint256 s = uint256(vs) & (type(uint256).max >> 1);
        assertTrue(s <= HALF_ORDER, "low s");
        uint256 parity = 1 - (uint256(vs) >> 255);
        bytes32 highS = bytes32(((ORDER - s) & (type(uint256).max >> 1)) | (parity << 255));
        assertTrue(!digest.isBy(r, highS, vm.addr(7)), "high s");
    }

    function testFuzz_zeroIsNobody(bytes32 r, bytes32 vs, bytes32 digest) public pure {
        assertTrue(!digest.isBy(r, vs, address(0)), "zero");
    }

    function testFuzz_refusesOtherLengths(bytes calldata signature) public view {
        vm.assume(signature.length != 64);
        assertTrue(!this.check(keccak256(signature), signature, address(1)), "length");
    }

    function check(
        bytes32 digest,
        bytes calldata signature,
        address signer
    ) external pure returns (bool) {
        return digest.isBy(signature, signer);
    }
}
