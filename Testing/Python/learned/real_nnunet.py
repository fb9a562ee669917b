"""A folder of a model for the real nnU-Net, made in its own Python: a small network set to threshold."""

import json
import subprocess
from pathlib import Path

from FluoroPrintLib.learned.pythons import Interpreter

CODE = """
import json, sys
from pathlib import Path
import torch
from nnunetv2.utilities.plans_handling.plans_handler import PlansManager
from nnunetv2.training.nnUNetTrainer.nnUNetTrainer import nnUNetTrainer

folder = Path(sys.argv[1])
plans = PlansManager(json.loads((folder / "plans.json").read_text()))
configuration = plans.get_configuration("3d_fullres")
heads = plans.get_label_manager(json.loads((folder / "dataset.json").read_text())).num_segmentation_heads
torch.manual_seed(0)
network = nnUNetTrainer.build_network_architecture(
    plans, configuration, 1, heads, enable_deep_supervision=False
)
optimiser = torch.optim.Adam(network.parameters(), 1e-2)
random = torch.Generator().manual_seed(0)
for step in range(60):
    start = torch.randint(2, 14, (3,), generator=random).tolist()
    inside = torch.zeros(1, 32, 32, 32, dtype=torch.long)
    inside[0, start[0]:start[0] + 14, start[1]:start[1] + 14, start[2]:start[2] + 14] = 1
    noise = 0.05 * torch.randn(1, 1, 32, 32, 32, generator=random)
    values = torch.where(inside[:, None] > 0, 1.5, -0.5) + noise
    loss = torch.nn.functional.cross_entropy(network(values), inside)
    optimiser.zero_grad()
    loss.backward()
    optimiser.step()
torch.save(
    {
        "network_weights": network.state_dict(),
        "trainer_name": "nnUNetTrainer",
        "init_args": {"configuration": "3d_fullres"},
        "inference_allowed_mirroring_axes": None,
    },
    folder / "fold_0" / "checkpoint_final.pth",
)
"""
RESAMPLING = "resample_data_or_seg_to_shape"
CONFIGURATION = {
    "data_identifier": "nnUNetPlans_3d_fullres",
    "preprocessor_name": "DefaultPreprocessor",
    "batch_size": 1,
    "patch_size": [32, 32, 32],
    "median_image_size_in_voxels": [40.0, 40.0, 40.0],
    "spacing": [1.0, 1.0, 1.0],
    "normalization_schemes": ["CTNormalization"],
    "use_mask_for_norm": [False],
    "resampling_fn_data": RESAMPLING,
    "resampling_fn_seg": RESAMPLING,
    "resampling_fn_probabilities": RESAMPLING,
    "resampling_fn_data_kwargs": {"is_seg": False, "order": 3, "order_z": 0, "force_separate_z": None},
    "resampling_fn_seg_kwargs": {"is_seg": True, "order": 1, "order_z": 0, "force_separate_z": None},
    "resampling_fn_probabilities_kwargs": {
        "is_seg": False,
        "order": 1,
        "order_z": 0,
        "force_separate_z": None,
    },
    "batch_dice": False,
    "architecture": {
        "network_class_name": "dynamic_network_architectures.architectures.unet.PlainConvUNet",
        "arch_kwargs": {
            "n_stages": 2,
            "features_per_stage": [8, 16],
            "conv_op": "torch.nn.modules.conv.Conv3d",
            "kernel_sizes": [[3, 3, 3], [3, 3, 3]],
            "strides": [[1, 1, 1], [2, 2, 2]],
            "n_conv_per_stage": [1, 1],
            "n_conv_per_stage_decoder": [1],
            "conv_bias": True,
            "norm_op": None,
            "norm_op_kwargs": None,
            "dropout_op": None,
            "dropout_op_kwargs": None,
            "nonlin": "torch.nn.LeakyReLU",
            "nonlin_kwargs": {"inplace": True},
        },
        "_kw_requires_import": ["conv_op", "nonlin"],
    },
}
INTENSITY = {
    "max": 3000.0,
    "mean": 0.0,
    "median": 0.0,
    "min": -1000.0,
    "percentile_00_5": -1000.0,
    "percentile_99_5": 3000.0,
    "std": 1000.0,
}


def make_real_model(dataset_folder: Path, interpreter: Interpreter, labels: dict[str, int]) -> Path:
    """Make the folder and train its network for a moment; return it."""
    folder = dataset_folder / "nnUNetTrainer__nnUNetPlans__3d_fullres"
    (folder / "fold_0").mkdir(parents=True)
    plans = {
        "dataset_name": dataset_folder.name,
        "plans_name": "nnUNetPlans",
        "original_median_spacing_after_transp": [1.0, 1.0, 1.0],
        "original_median_shape_after_transp": [40, 40, 40],
        "image_reader_writer": "SimpleITKIO",
        "transpose_forward": [0, 1, 2],
        "transpose_backward": [0, 1, 2],
        "configurations": {"3d_fullres": CONFIGURATION},
        "experiment_planner_used": "ExperimentPlanner",
        "label_manager": "LabelManager",
        "foreground_intensity_properties_per_channel": {"0": INTENSITY},
    }
    dataset = {"channel_names": {"0": "CT"}, "labels": labels, "numTraining": 1, "file_ending": ".nii.gz"}
    (folder / "plans.json").write_text(json.dumps(plans))
    (folder / "dataset.json").write_text(json.dumps(dataset))
    subprocess.run([interpreter.path, "-c", CODE, str(folder)], check=True, capture_output=True)
    return folder
